import type { RowValues } from '@breakwater/features'
import { type EnsembleOptions, type EnsembleResult, mixBreak } from './ensemble.ts'
import { type FeasibilityMask, feasibilityGate, type GateOptions, shiftLogit } from './feasibility.ts'
import { askablePlaces, type HeadPlaces, type ReachPlace } from './heads.ts'
import { outcomeProbabilities, utilityScore } from './outcome.ts'
import type { NeighbourAnswer } from './parts.ts'
import type { ByHorizon, Target, TargetEnsemble, TargetMask } from './target.ts'

/** The part of a target that its row alone decides. */
export type Scores = Pick<
  Target,
  | 'p_tradeable_2'
  | 'p_break'
  | 'p_bounce'
  | 'p_neither'
  | 'p_break_given_tradeable'
  | 'p_bounce_given_tradeable'
  | 'p_break_interval'
  | 'p_bounce_interval'
  | 'strength_signed'
  | 'strength_signed_interval'
  | 'strength_abs'
  | 'time_to_threshold'
  | 'retrieval'
  | 'ensemble'
  | 'feasibility_mask'
  | 'utility_score'
>

/** The predictions of the heads for one row, by place; NaN where there is none. */
export interface Answers {
  readonly values: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
}

/** The touch that is scored, beside the predictions of the heads. */
export interface ServedTouch {
  /** Its features; the gate reads barrier, fuel, tape and gamma, as far as they are known when the touch is scored. */
  readonly row: RowValues
  /** +1 where price comes from below, -1 from above; null where unknown: the gate then has no effect. */
  readonly sign: 1 | -1 | null
  /** Dollars beyond the level in the direction of approach at the anchor; null before it. */
  readonly moved: number | null
  /** null where the stage has no index. */
  readonly neighbours: NeighbourAnswer | null
}

/** How touches are served: where the heads' answers stand, and the numbers of the mix and the gate. */
export interface ServeSettings {
  readonly places: HeadPlaces
  readonly thresholds: readonly [number, number]
  readonly ensemble: EnsembleOptions
  readonly gate: GateOptions
}

/** A head's answer out of its range. */
export class AnswerError extends Error {}

type Range = readonly [number, number]

const NO_INDEX = { missing: 'no retrieval index is loaded' }

/**
 * Turns the heads' answers about one touch into what is published: direction mixed with the neighbours' vote, the gate's bias on
 * top, break and bounce from that and tradeable, the rest as predicted. Live scoring and the evaluation of a trained set
 * both go through it, so what is evaluated is what is served. Throws {@link AnswerError} for a probability outside [0, 1] and an
 * infinite strength. O(heads).
 */
export function serve(answers: Answers, touch: ServedTouch, settings: ServeSettings): Scores {
  const { row, sign, moved, neighbours } = touch
  const { ensemble, thresholds } = settings
  const places = moved === null ? settings.places : askablePlaces(settings.places, moved, thresholds)
  const tradeable = probabilityAt(answers, places.tradeable, 'tradeable_2')
  const direction = probabilityAt(answers, places.direction, 'direction')
  const strength = numberAt(answers, places.strength)
  const gate = sign === null ? null : gateOf(row, sign, settings.gate)
  const bias = gate?.breakLogitBias ?? 0
  const vote = neighbours?.vote ?? NO_INDEX
  const mixed = direction === null ? null : mixBreak(direction, vote, ensemble)
  const given = mixed === null ? null : shiftLogit(mixed.breakGivenTradeable, bias)
  const outcome =
    tradeable === null || mixed === null ? null : outcomeProbabilities(tradeable, mixed, { breakLogitBias: bias })
  const servedFrom = (p: number): number => shiftLogit(mixBreak(p, vote, ensemble).breakGivenTradeable, bias)
  const range = tradeable === null || given === null ? null : breakRange(answers, places.direction, given, servedFrom)
  return {
    p_tradeable_2: tradeable,
    p_break: outcome?.pBreak ?? null,
    p_bounce: outcome?.pBounce ?? null,
    p_neither: tradeable === null ? null : 1 - tradeable,
    p_break_given_tradeable: given,
    p_bounce_given_tradeable: given === null ? null : 1 - given,
    p_break_interval: scaled(range, tradeable),
    p_bounce_interval: range === null ? null : scaled([1 - range[1], 1 - range[0]], tradeable),
    strength_signed: strength,
    strength_signed_interval: rangeAt(answers, places.strength),
    strength_abs: strength === null ? null : Math.abs(strength),
    time_to_threshold: reachTable(answers, places),
    retrieval: neighbours?.summary ?? null,
    ensemble: mixed === null ? null : ensembleOf(mixed),
    feasibility_mask:
      gate === null ? null : maskOf(gate, mixed === null || given === null ? null : given - mixed.breakGivenTradeable),
    utility_score: tradeable === null || strength === null ? null : utilityScore(tradeable, strength),
  }
}

/** Names of loaded heads that gave no answer. */
export function silentHeads({ values }: Answers, { tradeable, direction, strength, reach }: HeadPlaces): string[] {
  const isSilent = (place: number): boolean => place >= 0 && Number.isNaN(values[place])
  return [
    ...(isSilent(tradeable) ? ['tradeable_2'] : []),
    ...(isSilent(direction) ? ['direction'] : []),
    ...(isSilent(strength) ? ['strength_signed'] : []),
    ...Object.values(reach).flatMap((places) => places.filter(({ place }) => isSilent(place)).map(({ head }) => head)),
  ]
}

function numberAt({ values }: Answers, place: number): number | null {
  const value = place < 0 ? Number.NaN : (values[place] ?? Number.NaN)
  if (Number.isNaN(value)) return null
  if (Number.isFinite(value)) return value
  throw new AnswerError(`viewport: strength_signed=${value}: must be finite. Is the bundle damaged?`)
}

function probabilityAt({ values }: Answers, place: number, head: string): number | null {
  const value = place < 0 ? Number.NaN : (values[place] ?? Number.NaN)
  if (Number.isNaN(value)) return null
  if (value >= 0 && value <= 1) return value
  throw new AnswerError(`viewport: ${head}=${value}: must lie in [0, 1]. Does the predictor give raw scores?`)
}

function rangeAt({ low, high }: Answers, place: number): Range | null {
  const [from, to] = [low[place] ?? Number.NaN, high[place] ?? Number.NaN]
  return place < 0 || !Number.isFinite(from) || !Number.isFinite(to) ? null : [from, to]
}

/** The range of P(break | tradeable) as served; the mix need not rise with the tree's answer, so the point is in it too. */
function breakRange(answers: Answers, place: number, given: number, servedFrom: (p: number) => number): Range | null {
  const range = rangeAt(answers, place)
  if (range === null) return null
  const ends = [servedFrom(range[0]), servedFrom(range[1]), given]
  return [Math.min(...ends), Math.max(...ends)]
}

const scaled = (range: Range | null, by: number | null): Range | null =>
  range === null || by === null ? null : [range[0] * by, range[1] * by]

function reachTable(answers: Answers, { reach }: HeadPlaces): Target['time_to_threshold'] {
  return {
    t1: byHorizon(answers, reach.t1),
    t2: byHorizon(answers, reach.t2),
    t1_break: byHorizon(answers, reach.t1_break),
    t1_bounce: byHorizon(answers, reach.t1_bounce),
    t2_break: byHorizon(answers, reach.t2_break),
    t2_bounce: byHorizon(answers, reach.t2_bounce),
  }
}

function byHorizon(answers: Answers, places: readonly ReachPlace[]): ByHorizon {
  const made: Record<string, number | null> = {}
  // Rising keys that are numbers make the engine grow the object with each; from the last on it is sized once.
  for (let i = places.length - 1; i >= 0; i--) {
    const { head, horizon, place } = places[i] as ReachPlace
    made[horizon] = probabilityAt(answers, place, head)
  }
  return made
}

const word = (value: RowValues[string]): string | null => (typeof value === 'string' ? value : null)
const number = (value: RowValues[string]): number | null => (typeof value === 'number' ? value : null)

/** The gate over what the row holds: readings that are not known at its time are not in it. */
function gateOf(row: RowValues, sign: 1 | -1, options: GateOptions): FeasibilityMask {
  return feasibilityGate(
    {
      barrierState: word(row['barrier_state']),
      fuelEffect: word(row['fuel_effect']),
      tapeImbalance: number(row['tape_imbalance']),
      gammaExposure: number(row['gamma_exposure']),
      directionSign: sign,
    },
    options,
  )
}

function ensembleOf(mixed: EnsembleResult): TargetEnsemble {
  return {
    mix_weight: mixed.mixWeight,
    disagreement_penalty: mixed.disagreementPenalty,
    difference: mixed.difference,
    contributions: mixed.contributions,
    reason: mixed.reason,
  }
}

function maskOf(gate: FeasibilityMask, breakShift: number | null): TargetMask {
  return {
    allow_break: gate.allowBreak,
    allow_bounce: gate.allowBounce,
    break_logit_bias: gate.breakLogitBias,
    break_shift: breakShift,
    rules: gate.rules,
  }
}

/** Scores of a target that has none. */
export function noScores(places: HeadPlaces): Scores {
  const nothing = new Float64Array(0)
  return {
    p_tradeable_2: null,
    p_break: null,
    p_bounce: null,
    p_neither: null,
    p_break_given_tradeable: null,
    p_bounce_given_tradeable: null,
    p_break_interval: null,
    p_bounce_interval: null,
    strength_signed: null,
    strength_signed_interval: null,
    strength_abs: null,
    time_to_threshold: reachTable({ values: nothing, low: nothing, high: nothing }, places),
    retrieval: null,
    ensemble: null,
    feasibility_mask: null,
    utility_score: null,
  }
}
