import {
  type EncodeReport,
  MOMENT_NUMBERS,
  reaches,
  reachHead,
  type RowValues,
  WINDOW_HEADS,
} from '@breakwater/features'
import { createBarrier, DIRECTIONS, type Law, type Moment } from '@breakwater/passage'
import type { PathForecaster, PathMoment, Predictions } from '@breakwater/viewport'
import { type FoldLaw, lawForecaster } from '../law/forecaster.ts'
import { type IntervalPlace, lawSpread, writeInterval } from '../law/intervals.ts'
import { probabilityHeads } from '../law/outcomes.ts'
import { type AnchorHeads, headSurface } from './anchor-heads.ts'

/** What a law forecasts live with. */
export interface PathForecasterOptions {
  /** Dollars within which a level is touched, as in the signals that the law was fitted on. */
  readonly touchBand: number
  /** Counts what encoding meets. */
  readonly report?: EncodeReport | undefined
  /** Answer at the anchor in place of the law, made coherent; none by default. */
  readonly heads?: AnchorHeads | undefined
}

const MOVED = MOMENT_NUMBERS.indexOf('moved')

/**
 * A law as the path forecaster of a viewport: the surface of a moment with the bits that batch gives it, P(break) and P(bounce) of it, and
 * before a touch P(the level is touched) within each horizon, by the law of one barrier at the edge of the touch band, its volatility shifted by the
 * trees of `fitApproach` where training kept them; the surface is then
 * that from the touch on given that it comes within the longest horizon. Where the set chose
 * its heads, their surface stands in its place at the anchor, which is the moment that they know, with their own intervals; what the law stands in for
 * has the law's. Expected extremes are the law's at all times.
 * Holds scratch space. About 30 us a path.
 */
export function pathForecaster(
  law: Pick<FoldLaw, 'path' | 'features'>,
  options: PathForecasterOptions,
): PathForecaster {
  const { touchBand, report, heads } = options
  const forecaster = lawForecaster(law)
  const { spec, uncertainty } = law.path
  const surface = new Float64Array(forecaster.names.length)
  const serveHeads = heads === undefined ? null : headSurface(heads, spec, forecaster.names.length)
  const touch = new Float64Array(spec.horizons.length)
  const barrier = createBarrier(forecaster.law, spec.horizons)
  const size = forecaster.names.length
  const tradeable = forecaster.names.indexOf(WINDOW_HEADS[0])
  const asked = forecaster.columns.length
  const probabilities = probabilityHeads(spec).length
  const slopes = new Float64Array(DIRECTIONS.length * size)
  const outcomeSlopes = new Float64Array(DIRECTIONS.length * 2)
  const touchSlopes = new Float64Array(DIRECTIONS.length * spec.horizons.length)
  const comes = new Float64Array(forecaster.law.experts.length)
  const livelinessOf = byVolatility(forecaster.law)
  const spread = lawSpread(uncertainty)
  const ends = { low: 0, high: 0 }
  const intervalAt = (out: Predictions, head: number, source: Float64Array, place: IntervalPlace): void => {
    const p = out.values[head] as number
    writeInterval(p, spread(p, source, place), ends)
    out.low[head] = ends.low
    out.high[head] = ends.high
  }
  /** Writes the probabilities of a touch. Gives that of each expert within the longest horizon; undefined without a price. */
  const touchAt = (approach: Float64Array, price: number): Float64Array | undefined => {
    const at = forecaster.tiltedAt({ numbers: approach, price }, null)
    if (at === null) {
      touch.fill(Number.NaN)
      return undefined
    }
    const { sigma, secondsLeft } = at.moment
    const distance = -(approach[MOVED] as number) - touchBand
    const ahead = { distance, sigma, tilt: at.tilt, ...(secondsLeft === undefined ? {} : { secondsLeft }) }
    barrier(ahead, touch, { slopes: touchSlopes, byExpert: comes })
    const given = livelinessOf(comes, touch.at(-1) ?? 1)
    // Trees that shift P(touch) were not asked about what follows a touch.
    if (at.approach !== 0) barrier({ ...ahead, sigma: sigma * Math.exp(at.approach) }, touch, { slopes: touchSlopes })
    return given
  }
  const odds = uncertainty?.direction ?? 0
  const placeOf = (h: number): IntervalPlace => ({ at: h, stride: size, own: h === tradeable + 1 ? odds : 0 })
  const outcomesAt = (out: Predictions): void => {
    const left = surface[tradeable] as number
    const share = surface[tradeable + 1] as number
    out.values[size] = left * share
    out.values[size + 1] = left * (1 - share)
    for (let d = 0; d < DIRECTIONS.length; d++) {
      const [ofLeft, ofShare] = [slopes[d * size + tradeable] as number, slopes[d * size + tradeable + 1] as number]
      outcomeSlopes[2 * d] = share * ofLeft + left * ofShare
      outcomeSlopes[2 * d + 1] = (1 - share) * ofLeft - left * ofShare
    }
    for (let h = 0; h < probabilities; h++) intervalAt(out, h, slopes, placeOf(h))
    // The log odds of left x share have (1 - share) / (1 - left x share) of those of share.
    for (let side = 0; side < 2; side++) {
      const chance = side === 0 ? share : 1 - share
      const own = odds * ((1 - chance) / (1 - left * chance)) ** 2
      intervalAt(out, size + side, outcomeSlopes, { at: side, stride: 2, own })
    }
  }
  return {
    heads: [
      ...forecaster.names,
      'p_break',
      'p_bounce',
      ...spec.horizons.map((horizon) => reachHead('p_touch', horizon)),
    ],
    width: MOMENT_NUMBERS.length,
    windowSeconds: spec.window,
    profile: law.path.volatility.profile,
    atAnchor: heads === undefined ? 'law' : 'heads',
    forecast({ numbers, price, row, approach, isAnchor = false }: PathMoment, out: Predictions) {
      out.low.fill(Number.NaN)
      out.high.fill(Number.NaN)
      if (approach === null) touch.fill(Number.NaN)
      // A touch that is to come says how lively price will have been: volatilities weigh as they do given that it comes.
      const given = approach === null ? undefined : touchAt(approach, price)
      const at = forecaster.tiltedAt({ numbers, price }, row, report)
      if (at === null) out.values.fill(Number.NaN)
      else {
        forecaster.surface.at(snapped(at.moment, spec.thresholds), { tilt: at.tilt, slopes, given }, surface)
        out.values.set(surface)
        outcomesAt(out)
        if (isAnchor && row !== null) serveHeads?.(row, out, (h) => spread(surface[h] as number, slopes, placeOf(h)))
      }
      out.values.set(touch, size + 2)
      for (let j = 0; j < touch.length; j++) intervalAt(out, size + 2 + j, touchSlopes, { at: j, stride: touch.length })
      return { known: knownOf(forecaster.columns, row), asked }
    },
  }
}

/**
 * What a touch that is to come says of a law's experts, from the probability of it under each: the mean over drifts for each volatility. Which
 * way price came says little about where it goes from there, so drifts keep their shares; jumps come however lively price is, and have the
 * probability of all, `overall`. Written in place.
 */
function byVolatility({ experts, weights }: Law): (comes: Float64Array, overall: number) => Float64Array {
  const rows = new Map<number, number[]>()
  for (const [k, expert] of experts.entries()) {
    if (expert.kind === 'diffusion') rows.set(expert.volatility, [...(rows.get(expert.volatility) ?? []), k])
  }
  const jumps = [...experts.keys()].filter((k) => experts[k]?.kind === 'jump')
  return (comes, overall) => {
    for (const row of rows.values()) {
      let [sum, mass] = [0, 0]
      for (const k of row) {
        sum += (weights[k] as number) * (comes[k] as number)
        mass += weights[k] as number
      }
      for (const k of row) comes[k] = mass > 0 ? Math.min(1, sum / mass) : overall
    }
    for (const k of jumps) comes[k] = overall
    return comes
  }
}

/** A moment whose price stands on a threshold but for the last bits of decimal cents, on it: that threshold is reached. */
function snapped(moment: Moment, thresholds: readonly number[]): Moment {
  const size = Math.abs(moment.displacement)
  const on = thresholds.find((threshold) => size < threshold && reaches(size, threshold))
  if (on === undefined) return moment
  const displacement = Math.sign(moment.displacement) * on
  const { past } = moment
  if (past === undefined) return { ...moment, displacement }
  const furthestBeyond = Math.max(past.furthestBeyond, displacement)
  return {
    ...moment,
    displacement,
    past: { ...past, furthestBeyond, furthestBack: Math.max(past.furthestBack, -displacement) },
  }
}

function knownOf(columns: readonly string[], row: RowValues | null): number {
  if (row === null) return 0
  let known = 0
  for (const name of columns) {
    const value = row[name]
    if (value !== null && value !== undefined && !(typeof value === 'number' && Number.isNaN(value))) known++
  }
  return known
}
