import {
  type BootstrapInterval,
  logLoss,
  meanOfMeans,
  type SessionScore,
  sessionBlockBootstrap,
  type SessionSums,
} from '@breakwater/calibration'
import { type HeadTarget, PRIMARY_ANCHOR, stringsOf, WINDOW_HEADS } from '@breakwater/features'
import type { LawSignals } from '../law/at-anchors.ts'
import { studyTilt, type TiltStudy } from '../law/tilt-study.ts'
import type { ColumnGain, ColumnGains, GainScore, NoColumnGains } from '../set/column-gains.ts'
import type { CalibratedFold } from './calibrated-fold.ts'

/** Touches that are asked about at most; a mean over them moves little with more. */
const MOST_ROWS = 2000
/** Columns that are told one by one. */
const MOST_COLUMNS = 24
/** Shares of the way round the sessions from which values are taken. */
const SHIFTS = [1 / 3, 2 / 3]

const [, DIRECTION] = WINDOW_HEADS

/** What {@link columnGains} reads. */
export interface ColumnGainRequest {
  readonly signals: LawSignals
  readonly targets: readonly HeadTarget[]
  /** The last of a plan. */
  readonly fold: Pick<CalibratedFold, 'law' | 'test'> | undefined
  readonly seed: number
}

/**
 * What each column adds beyond the law at the primary anchor, or the first that was trained: on test rows of the last fold, by its own law, which saw
 * none of them, the tilt sees the column of another session, and what is lost of the log loss of the law's surface is what the column added. Values move
 * by whole sessions, so that what holds for a day moves as what changes by the minute does. A reason where nothing can be said. Cost:
 * the law's forecast of {@link MOST_ROWS} moments, twice for each column that the tilt uses.
 */
export function columnGains({ signals, targets, fold, seed }: ColumnGainRequest): ColumnGains | NoColumnGains {
  if (fold === undefined || fold.law.status === 'skipped') return { reason: 'the last fold has no law' }
  const anchors = targets.map((target) => target.anchor)
  const anchor = anchors.includes(PRIMARY_ANCHOR) ? PRIMARY_ANCHOR : (anchors[0] ?? PRIMARY_ANCHOR)
  const rows = everyNth(fold.test, Math.max(1, Math.ceil(count(fold.test) / MOST_ROWS)))
  const study = studyTilt(fold.law.law, { signals, anchor, rows })
  if (study === null) return { reason: 'the law has no tilt: validation kept no tree' }
  const dates = stringsOf(signals.table, 'date')
  const sessions = Array.from(study.rows, (row) => dates[row] ?? '')
  const known = [...new Set(sessions)].toSorted()
  if (known.length < 2) return { reason: 'the last fold tests fewer than two sessions' }
  const asked = targets.filter((target) => target.anchor === anchor && target.task === 'binary')
  return gainsOf({ study, sessions, targets: asked, dates: known, seed, anchor })
}

const count = (mask: Uint8Array): number => mask.reduce((sum, bit) => sum + bit, 0)

function everyNth(mask: Uint8Array, nth: number): Uint8Array {
  let seen = 0
  return mask.map((bit) => Number(bit !== 0 && seen++ % nth === 0))
}

interface Gains {
  readonly study: TiltStudy
  /** Of each moment. */
  readonly sessions: readonly string[]
  readonly targets: readonly HeadTarget[]
  readonly dates: readonly string[]
  readonly seed: number
  readonly anchor: HeadTarget['anchor']
}

/** Log losses of every head by session; `rows` count what they are sums of. */
type Losses = ReadonlyMap<string, SessionSums>

function gainsOf(input: Gains): ColumnGains | NoColumnGains {
  const { study, dates, seed, anchor } = input
  const [own] = lossesOf(input, [], [Int32Array.from(study.rows.keys())]) as [Losses]
  const heads = [...own.keys()]
  if (heads.length === 0) return { reason: 'no touch of the last fold has a target' }
  const direction = heads.filter((name) => name.startsWith(DIRECTION))
  const shifts = [...new Set(SHIFTS.map((share) => Math.max(1, Math.round(share * dates.length)) % dates.length))]
  const sources = shifts.map((shift) => othersOf(input, shift))
  const gain = (columns: readonly string[]): Omit<ColumnGain, 'column'> => {
    const swapped = lossesOf(input, columns, sources)
    const lost = (names: readonly string[]): SessionScore =>
      meanOfMeans(
        names.map((name) =>
          difference(
            swapped.map((one) => sumsOf(one, name)),
            sumsOf(own, name),
          ),
        ),
      )
    // One row a session: the scores hold the sums of its rows.
    const { all, one } = sessionBlockBootstrap([...dates.keys()], { all: lost(heads), one: lost(direction) }, { seed })
    const none = { estimate: null, low: null, high: null, reason: 'no row of direction was scored' }
    return { gain: scoreOf(all), direction: direction.length === 0 ? none : scoreOf(one) }
  }
  const { columns } = study
  const rest = columns.slice(MOST_COLUMNS)
  const told = columns.slice(0, MOST_COLUMNS).map((column) => ({ column, ...gain([column]) }))
  return {
    anchor,
    rows: study.rows.length,
    sessions: dates.length,
    heads: heads.length,
    swaps: shifts.length,
    all: gain(columns),
    columns: told.toSorted((a, b) => (b.gain.estimate ?? 0) - (a.gain.estimate ?? 0) || (a.column < b.column ? -1 : 1)),
    others: rest.length === 0 ? null : { columns: rest, ...gain(rest) },
  }
}

const scoreOf = ({ estimate, low, high, reason }: BootstrapInterval): GainScore => ({
  estimate,
  low,
  high,
  ...(reason === undefined ? {} : { reason }),
})

/** For each moment one of the session `shift` places later, in an order of its own. */
function othersOf({ sessions, dates }: Gains, shift: number): Int32Array {
  const rowsOf = new Map(dates.map((date) => [date, [] as number[]]))
  for (const [row, date] of sessions.entries()) rowsOf.get(date)?.push(row)
  const mixed = new Map([...rowsOf].map(([date, rows]) => [date, scrambled(rows)]))
  const taken = new Map<string, number>()
  return Int32Array.from(sessions, (date, row) => {
    const from = mixed.get(dates[(dates.indexOf(date) + shift) % dates.length] ?? '') ?? []
    const place = taken.get(date) ?? 0
    taken.set(date, place + 1)
    return from[place % from.length] ?? row
  })
}

/** Rows in an order that has little to do with theirs: each follows from the one before by a step of about 0.618 of their number. */
function scrambled(rows: readonly number[]): number[] {
  const { length } = rows
  let step = Math.max(1, Math.round(0.618 * length))
  while (commonDivisor(step, length) > 1) step++
  return rows.map((_, i) => rows[(i * step) % length] as number)
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}

function lossesOf(input: Gains, columns: readonly string[], from: readonly Int32Array[]): Losses[] {
  return input.study.forecast(columns, from).map((forecasts) => lossesUnder(forecasts, input))
}

function lossesUnder(forecasts: ReadonlyMap<string, Float64Array>, { study, sessions, targets, dates }: Gains): Losses {
  const place = new Map(dates.map((date, s) => [date, s]))
  return new Map(
    targets.flatMap(({ name, mask, values }) => {
      const p = forecasts.get(name)
      const sums = { values: dates.map(() => 0), rows: dates.map(() => 0) }
      for (const [moment, row] of study.rows.entries()) {
        if (mask[row] !== 1 || p === undefined) continue
        const s = place.get(sessions[moment] ?? '') ?? 0
        sums.values[s] = (sums.values[s] ?? 0) + logLoss([p[moment] as number], [values[row] as number])
        sums.rows[s] = (sums.rows[s] ?? 0) + 1
      }
      return sums.rows.some((n) => n > 0) ? [[name, sums] as const] : []
    }),
  )
}

function sumsOf(losses: Losses, name: string): SessionSums {
  const sums = losses.get(name)
  if (sums === undefined) throw new Error(`models: ${name}: has no losses. Report this.`)
  return sums
}

const difference = (swapped: readonly SessionSums[], own: SessionSums): SessionSums => ({
  values: own.values.map(
    (loss, s) => swapped.reduce((sum, { values }) => sum + (values[s] as number), 0) / swapped.length - loss,
  ),
  rows: own.rows,
})
