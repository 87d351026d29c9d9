import {
  type Bars,
  buildSignals,
  type CollectedMoments,
  collectMoments,
  momentTargets,
  numbersOf,
  stringsOf,
  type Table,
  timesOf,
  touchMoments,
  validateBars,
} from '@breakwater/features'
import { headOutcomes, probabilityHeads } from '@breakwater/models'
import { createSurface, defaultExperts, fitLaw, type Law } from '@breakwater/passage'

/** A touch that nothing was fitted on, two minutes after it. */
export interface DayTouch {
  readonly ns: bigint
  readonly level: number
  readonly kind: string
  readonly direction: string
  /** Dollars beyond the level, and volatility in dollars a square root of a minute. */
  readonly moved: number
  readonly sigma: number
}

/** A law fitted to the first touches of a day, and how it forecasts the later ones. */
export interface FittedDay {
  readonly law: Law
  readonly touches: readonly DayTouch[]
  /** Mean log loss over the reach questions of the later moments: of the law, and of the base rates of the fitted ones. */
  readonly lawLoss: number
  readonly baseLoss: number
  readonly milliseconds: number
}

/** Thresholds in dollars and horizons in seconds of the surface, and the window of the other questions. */
export const SPEC = { thresholds: [1, 2], horizons: [60, 120, 180, 300], window: 480 } as const

/** Share of the moments on which the law is fitted. */
const FITTED = 0.6
const FEWEST_MOMENTS = 150
const CLIP = 1e-7
/** Seconds after the touch minute began at which the page first looks at a touch. */
const FIRST_S = 120

/**
 * Fits the mixture on a day's touches at 2, 4 and 8 minutes, the earlier ones, under the volatility of their average ranges, and forecasts the later
 * ones; a window's length lies between, so that no label reaches across. A day is too short for a regression of volatility or for
 * trees. Throws RangeError on wrong bars and on too few touches. Cost: half a second.
 */
export function fitDay(raw: Bars, now: () => number): FittedDay {
  const start = now()
  const { bars } = validateBars(raw)
  const signals = buildSignals(bars)
  const moments = collectMoments(touchMoments(bars, signals.table, { minutes: [2, 4, 8] }))
  const { table } = moments
  if (table.rows < FEWEST_MOMENTS) {
    throw new RangeError(`These bars have ${table.rows} moments after touches; ${FEWEST_MOMENTS} are needed.`)
  }
  const [displacement, sigma] = [numbersOf(table, 'moved'), numbersOf(table, 'sigma_1m')]
  const { earlier, later } = split(timesOf(table, 'moment_ts_ns'), sigma)
  const at = (values: ArrayLike<number>): Float64Array => Float64Array.from(earlier, (row) => values[row] ?? Number.NaN)
  const heads = probabilityHeads(SPEC)
  const outcomes = headOutcomes(table, SPEC)
  const labels = Int8Array.from(
    earlier.flatMap((row) => [...outcomes.subarray(row * heads.length, (row + 1) * heads.length)]),
  )
  const { law } = fitLaw(defaultExperts(), {
    spec: SPEC,
    moments: { displacement: at(displacement), sigma: at(sigma) },
    outcomes: { labels },
  })
  const losses = lossesOf(table, forecasts(law, later, { displacement, sigma }), earlier, later)
  return { law, touches: touchesOf(moments, later, signals.table), ...losses, milliseconds: now() - start }
}

/** Rows of known volatility by time: those to fit on, and the later ones, a window apart. */
function split(times: BigInt64Array, sigma: Float64Array): { earlier: number[]; later: number[] } {
  const gap = BigInt(SPEC.window) * 1_000_000_000n
  const end = times.toSorted()[Math.floor(FITTED * times.length)] ?? 0n
  const rows = [...times.keys()].filter((row) => (sigma[row] ?? 0) > 0)
  return {
    earlier: rows.filter((row) => (times[row] ?? 0n) < end),
    later: rows.filter((row) => (times[row] ?? 0n) >= end + gap),
  }
}

/** By head, the law's probability in each of `rows`; NaN elsewhere. */
function forecasts(
  law: Law,
  rows: readonly number[],
  { displacement, sigma }: { readonly displacement: Float64Array; readonly sigma: Float64Array },
): Map<string, Float64Array> {
  const surface = createSurface(law, SPEC)
  const columns = new Map(probabilityHeads(SPEC).map((name) => [name, new Float64Array(sigma.length).fill(Number.NaN)]))
  for (const row of rows) {
    const values = surface.at({ displacement: displacement[row] ?? Number.NaN, sigma: sigma[row] ?? Number.NaN })
    for (const [h, column] of [...columns.values()].entries()) column[row] = values[h] ?? Number.NaN
  }
  return columns
}

function touchesOf({ table, touchRows }: CollectedMoments, later: readonly number[], signals: Table): DayTouch[] {
  const [ns, level] = [timesOf(signals, 'ts_ns'), numbersOf(signals, 'level_price')]
  const [kinds, directions] = [stringsOf(signals, 'level_kind_name'), stringsOf(signals, 'direction')]
  const [elapsed, moved, sigma] = ['elapsed_s', 'moved', 'sigma_1m'].map((name) => numbersOf(table, name))
  return later
    .filter((moment) => elapsed?.[moment] === FIRST_S)
    .map((moment) => {
      const row = touchRows[moment] ?? -1
      return {
        ns: ns[row] ?? 0n,
        level: level[row] ?? Number.NaN,
        kind: kinds[row] ?? '',
        direction: directions[row] ?? '',
        moved: moved?.[moment] ?? Number.NaN,
        sigma: sigma?.[moment] ?? Number.NaN,
      }
    })
}

function lossesOf(
  table: Table,
  columns: ReadonlyMap<string, Float64Array>,
  earlier: readonly number[],
  later: readonly number[],
): { lawLoss: number; baseLoss: number } {
  let [law, base, heads] = [0, 0, 0]
  for (const { name, question, values, mask } of momentTargets(table, { thresholds: SPEC.thresholds })) {
    const forecast = columns.get(name)
    if (question.kind !== 'reach' || forecast === undefined) continue
    const asked = (rows: readonly number[]): number[] => rows.filter((row) => mask[row] === 1)
    const [fitted, scored] = [asked(earlier), asked(later)]
    if (fitted.length === 0 || scored.length === 0) continue
    const rate = mean(fitted.map((row) => values[row] ?? 0))
    law += mean(scored.map((row) => logLoss(forecast[row] ?? Number.NaN, values[row] ?? 0)))
    base += mean(scored.map((row) => logLoss(rate, values[row] ?? 0)))
    heads++
  }
  return { lawLoss: law / heads, baseLoss: base / heads }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const logLoss = (p: number, label: number): number => -Math.log(Math.max(CLIP, label === 1 ? p : 1 - p))
