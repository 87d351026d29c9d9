import { type Anchor, ANCHOR_SECONDS } from '@breakwater/features'
import { stateNames } from '../law/columns.ts'
import type { FoldLaw } from '../law/forecaster.ts'
import { LAW_NUMBERS } from '../law/numbers.ts'
import {
  EDGE_SECONDS,
  LEAST_SHARE_OF_PRICE,
  PAST_VOLATILITIES,
  profileAhead,
  SESSION_SECONDS,
  type VolatilityRegression,
} from '../law/regression.ts'
import type { Arithmetic } from './arithmetic.ts'
import type { GraphBuilder } from './builder.ts'
import { treeNodes } from './head-nodes.ts'
import type { RawColumns } from './raw-columns.ts'
import { type SurfaceNodes, surfaceNodes } from './surface-nodes.ts'

/** A law at an anchor: its surface, and the moments that have one. */
export interface LawNodes extends SurfaceNodes {
  /** Whether the price at the anchor and the time left from there are known, [N, 1]; where not, nothing else is a forecast. */
  readonly isKnown: string
}

/** A law, and the anchor whose moments it forecasts. */
export interface LawAtAnchor {
  readonly law: Pick<FoldLaw, 'path' | 'features'>
  readonly anchor: Anchor
}

/** What `forecastPath` makes of the moments of an anchor: volatility, tilt and the surface. */
export function lawNodes(
  builder: GraphBuilder,
  ops: Arithmetic,
  { law: { path, features }, anchor }: LawAtAnchor,
  { number, encoded }: RawColumns,
): LawNodes {
  const { abs, add, and, atLeast, div, exp, where } = ops
  const { spec, volatility, correction, tilt, tiltScale, calibration } = path
  const elapsed = ANCHOR_SECONDS[anchor]
  const [moved, secondsLeft] = [number('moved'), number('left_s')]
  const isKnown = and(atLeast(Number.MAX_VALUE, abs(moved)), atLeast(secondsLeft, 0))
  const logSigma = regressionNodes(builder, ops, { volatility, windowSeconds: spec.window }, number)
  const hasTrees = correction !== null || tilt !== null
  const state = hasTrees ? stateMatrixNodes(builder, ops, { spec, elapsed, logSigma }, number) : ''
  const corrected = correction === null ? logSigma : add(logSigma, treeNodes(builder, correction, state))
  const raw =
    tilt === null ? null : treeNodes(builder, tilt, tiltMatrix(ops, { state, features, elapsed }, { encoded, number }))
  const surface = surfaceNodes(builder, ops, path, {
    displacement: where(isKnown, moved, Number.NaN),
    sigma: exp(add(corrected, calibration.volatility)),
    tilt: raw === null ? builder.doubles([calibration.drift]) : add(div(raw, tiltScale), calibration.drift),
    secondsLeft,
  })
  return { ...surface, isKnown }
}

type NumberOf = RawColumns['number']

/** `forecastRegression`: the logarithm of volatility, [N, 1]. */
function regressionNodes(
  builder: GraphBuilder,
  ops: Arithmetic,
  {
    volatility: { coefficients, means, profile },
    windowSeconds,
  }: { readonly volatility: VolatilityRegression; readonly windowSeconds: number },
  number: NumberOf,
): string {
  const { abs, add, beside, div, exp, isNaN, less, log, mul, sum, where } = ops
  const [since, left] = [number('since_open_s'), number('left_s')]
  const floor = mul(number('level_price'), LEAST_SHARE_OF_PRICE)
  const logAbove = (value: string): string => log(where(isNaN(value), value, where(less(floor, value), value, floor)))
  // In the order of VOLATILITY_REGRESSORS, after the intercept.
  const regressors = [
    ...PAST_VOLATILITIES.map((name) => logAbove(number(name))),
    profile === null ? mul(since, 0) : profileNodes(builder, ops, { profile, windowSeconds }, since),
    div(since, SESSION_SECONDS),
    exp(div(since, -EDGE_SECONDS)),
    exp(div(left, -EDGE_SECONDS)),
    abs(number('moved')),
  ]
  const found = beside(regressors, 1)
  const complete = where(isNaN(found), builder.doubles(means.slice(1)), found)
  return add(sum(mul(complete, builder.doubles(coefficients.slice(1))), 1, true), coefficients[0] as number)
}

/** `profileAhead` by the minute of the session, NaN where that is not known. */
function profileNodes(
  builder: GraphBuilder,
  { div, floor, isNaN, max, min, where }: Arithmetic,
  { profile, windowSeconds }: { readonly profile: readonly number[]; readonly windowSeconds: number },
  since: string,
): string {
  const byMinute = profile.map((_, minute) => profileAhead(profile, 60 * minute, windowSeconds))
  const isMissing = isNaN(since)
  const minute = min(max(floor(div(where(isMissing, 0, since), 60)), 0), profile.length - 1)
  const ahead = builder.call('Gather', [builder.doubles(byMinute, [byMinute.length]), builder.cast(minute, 'int64')])
  return where(isMissing, Number.NaN, ahead)
}

/** `stateMatrix`: what the trees of a law see of moments beside features, rounded to 32 bits, as 64-bit floats. */
function stateMatrixNodes(
  builder: GraphBuilder,
  ops: Arithmetic,
  {
    spec,
    elapsed,
    logSigma,
  }: { readonly spec: FoldLaw['path']['spec']; readonly elapsed: number; readonly logSigma: string },
  number: NumberOf,
): string {
  const { abs, add, atLeast, beside, div, exp, log, mul, sub, where } = ops
  const moved = number('moved')
  const [beyond, back] = [number('furthest_beyond'), number('furthest_back')]
  const sigma = exp(logSigma)
  const own = LAW_NUMBERS.slice(0, -1).map((name) =>
    name === 'elapsed_s' ? add(mul(sigma, 0), elapsed) : number(name),
  )
  const columns = [
    ...own,
    logSigma,
    div(moved, sigma),
    div(abs(moved), sigma),
    div(add(beyond, back), sigma),
    sub(beyond, moved),
    add(back, moved),
    log(div(number('range_sigma_2'), number('range_sigma_60'))),
    ...spec.thresholds.flatMap((threshold) => [div(sub(threshold, moved), sigma), div(add(moved, threshold), sigma)]),
  ]
  if (columns.length !== stateNames(spec.thresholds).length)
    throw new Error('models: the graph of a law has other columns than its trees. Report this.')
  const all = beside(columns, 1)
  return rounded(builder, where(atLeast(Number.MAX_VALUE, abs(all)), all, Number.NaN))
}

const rounded = (builder: GraphBuilder, values: string): string => builder.cast(builder.cast(values, 'float'), 'double')

/** State and features: NaN in those that are not known at the anchor, whose raw columns are not asked for. */
function tiltMatrix(
  { beside, mul, taken }: Arithmetic,
  {
    state,
    features,
    elapsed,
  }: { readonly state: string; readonly features: FoldLaw['features']; readonly elapsed: number },
  { encoded, number }: Pick<RawColumns, 'encoded' | 'number'>,
): string {
  if (features === null) return state
  const { encoder, knownAfterS } = features
  let at = 0
  const known = encoder.encodings.filter((encoding) => {
    const first = at
    at += encoding.kind === 'number' ? 1 : encoding.categories.length
    return at > first && elapsed >= (knownAfterS[first] as number)
  })
  const kept = encoder.columns.flatMap((name, c) => (elapsed >= (knownAfterS[c] as number) ? [name] : []))
  const missing = mul(number('moved'), Number.NaN)
  if (kept.length === 0) return beside([state, ...encoder.columns.map(() => missing)], 1)
  const matrix = encoded({ encodings: known, columns: kept })
  if (kept.length === encoder.columns.length) return beside([state, matrix], 1)
  let next = 0
  const places = knownAfterS.map((seconds) => (elapsed >= seconds ? next++ : kept.length))
  return beside([state, taken(beside([matrix, missing], 1), places, 1)], 1)
}
