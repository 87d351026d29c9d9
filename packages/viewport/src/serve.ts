import type { RowValues } from '@breakwater/features'
import type { Thresholds } from '@breakwater/features/vocabulary'
import {
  type Answers,
  byHorizon,
  hasInterval,
  jointInterval,
  lacksInterval,
  mirrored,
  numberAt,
  probabilityAt,
  published,
  rangeAt,
  rangesByHorizon,
} from './answers.ts'
import type { EnsembleOptions } from './ensemble.ts'
import { type FeasibilityMask, feasibilityGate, type GateOptions } from './feasibility.ts'
import { askablePlaces, type HeadPlaces, type PathPlaces, type ReachPlace } from './heads.ts'
import type { FittedMix, MixKind } from './mix-terms.ts'
import { type MixedBreak, mixGiven } from './mix.ts'
import { utilityScore } from './outcome.ts'
import type { NeighbourAnswer } from './parts.ts'
import { type PathScores, reachTable, type ServedPath, servePath } from './serve-path.ts'
import type { Interval, Settled, Target, TargetIntervals, TargetMask } from './target.ts'

/** The part of a target that its row and path alone decide. */
export type Scores = PathScores & Pick<Target, 'retrieval' | 'ensemble' | 'feasibility_mask'>

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
  /** Where its path stands, where the answers are those of a path forecaster; null where they are those of the heads. */
  readonly path: ServedPath | null
  /** Seconds since the anchor that the heads answer for; 0 before it. */
  readonly sinceAnchorS: number
}

/** How touches are served: where the heads' answers stand, and the numbers of the mix and the gate. */
export interface ServeSettings {
  readonly places: HeadPlaces
  /** Where a path forecaster's answers stand; null without one. */
  readonly path: PathPlaces | null
  readonly thresholds: Thresholds
  /** Seconds of the window of the heads that are no reach. */
  readonly windowSeconds: number
  /** Dollars that a trade costs. */
  readonly cost: number
  readonly ensemble: EnsembleOptions
  readonly gate: GateOptions
  /** How neighbours and gate enter, see {@link MixSettings}; default null. */
  readonly mix?: MixKind | null
  /** What training fitted for the mix; default null. */
  readonly fitted?: FittedMix | null
}

const NO_INDEX = { missing: 'no retrieval index is loaded' }

/**
 * Turns answers about one touch into what is published. P(break | tradeable) is mixed with the neighbours' vote and the gate by `mix`; break and
 * bounce follow from it and tradeable, the rest is as predicted. Answers of a path forecaster are about now, and stay coherent: the mixed
 * probability is kept where the reach probabilities let it be. Those of the heads are about the anchor, and are dropped once their window is
 * over. Live scoring and the evaluation of a trained set both go through it, so what is evaluated is what is served. Throws `AnswerError` for a
 * probability outside [0, 1] and an infinite strength. O(heads).
 */
export function serve(answers: Answers, touch: ServedTouch, settings: ServeSettings): Scores {
  const { row, sign, path, neighbours } = touch
  const gate = sign === null ? null : gateOf(row, sign, settings.gate)
  const { ensemble, fitted = null } = settings
  const isPath = path !== null && settings.path !== null
  const mix = settings.mix ?? (fitted !== null ? 'fitted' : isPath ? 'none' : 'documented')
  const vote = neighbours?.vote ?? NO_INDEX
  const mixing = (p: number): MixedBreak => mixGiven(p, vote, gate, { mix, fitted, ensemble })
  if (path === null || settings.path === null) return serveHeads(answers, touch, settings, { gate, mixing })
  const { thresholds, cost } = settings
  let mixed: MixedBreak | null = null
  const mixAndKeep = (p: number): number => {
    mixed = mixing(p)
    return mixed.given
  }
  const scores = servePath(answers, path, {
    places: settings.path,
    thresholds,
    cost,
    ...(mix === 'none' ? {} : { mix: mixAndKeep }),
  })
  const told = mixed ?? (scores.p_break_given_tradeable === null ? null : mixing(scores.p_break_given_tradeable))
  return {
    ...scores,
    retrieval: neighbours?.summary ?? null,
    ensemble: told?.ensemble ?? null,
    feasibility_mask: gate === null ? null : maskOf(gate, told, scores.p_break_given_tradeable),
  }
}

interface HeadsMix {
  readonly gate: FeasibilityMask | null
  readonly mixing: (p: number) => MixedBreak
}

function serveHeads(
  answers: Answers,
  { moved, neighbours, sinceAnchorS }: ServedTouch,
  { thresholds, windowSeconds, ...settings }: ServeSettings,
  { gate, mixing }: HeadsMix,
): Scores {
  const asked = moved === null ? settings.places : askablePlaces(settings.places, moved, thresholds)
  const places = openPlaces(asked, sinceAnchorS, windowSeconds)
  const tradeable = probabilityAt(answers, places.tradeable, 'tradeable_2')
  const direction = probabilityAt(answers, places.direction, 'direction')
  const strength = numberAt(answers, places.strength, 'strength_signed')
  const mixed = direction === null ? null : mixing(direction)
  const given = mixed?.given ?? null
  const range = given === null ? null : breakRange(answers, places.direction, given, (p) => mixing(p).given)
  const intervals = headIntervals(answers, places, range)
  return {
    p_tradeable_2: tradeable,
    p_break: tradeable === null || given === null ? null : tradeable * given,
    p_bounce: tradeable === null || given === null ? null : tradeable * (1 - given),
    p_neither: tradeable === null ? null : 1 - tradeable,
    p_break_given_tradeable: given,
    p_bounce_given_tradeable: given === null ? null : 1 - given,
    p_break_interval: intervals?.p_break ?? scaled(range, tradeable),
    p_bounce_interval: intervals?.p_bounce ?? scaled(mirrored(range), tradeable),
    strength_signed: strength,
    strength_signed_interval: rangeAt(answers, places.strength),
    strength_abs: strength === null ? null : Math.abs(strength),
    time_to_threshold: reachTable(places, (one) => byHorizon(answers, one)),
    retrieval: neighbours?.summary ?? null,
    ensemble: mixed?.ensemble ?? null,
    feasibility_mask: gate === null ? null : maskOf(gate, mixed, given),
    utility_score: tradeable === null || strength === null ? null : utilityScore(tradeable, strength),
    source: 'heads',
    p_touch: null,
    settled: whyDropped(settings.places, asked, places),
    intervals,
    intervals_missing: lacksInterval(answers, probabilityPlaces(places)) ? 'not_recorded' : null,
    strength_ahead: null,
    expected_extremes: null,
    expected_move: null,
    utility_net: null,
  }
}

/** Every head that has a probability of its own. */
function* probabilityPlaces({ tradeable, direction, reach }: HeadPlaces): Generator<number> {
  yield tradeable
  yield direction
  for (const places of Object.values(reach)) for (const { place } of places) yield place
}

/** Intervals of what heads say, that of direction as it is served; null where no head has any. */
function headIntervals(answers: Answers, places: HeadPlaces, given: Interval | null): TargetIntervals | null {
  if (!hasInterval(answers, probabilityPlaces(places))) return null
  const tradeable = rangeAt(answers, places.tradeable)
  const jointly = (side: Interval | null): Interval | null =>
    published(tradeable === null || side === null ? null : jointInterval(tradeable, side))
  return {
    p_tradeable_2: published(tradeable),
    p_break: jointly(given),
    p_bounce: jointly(mirrored(given)),
    p_neither: published(mirrored(tradeable)),
    p_break_given_tradeable: published(given),
    p_bounce_given_tradeable: published(mirrored(given)),
    p_touch: null,
    time_to_threshold: reachTable(places, (one) => rangesByHorizon(answers, one)),
  }
}

/** Every head that has a field, with its place. */
export function* namedPlaces({
  tradeable,
  direction,
  strength,
  reach,
}: HeadPlaces): Generator<{ readonly head: string; readonly place: number }> {
  yield { head: 'tradeable_2', place: tradeable }
  yield { head: 'direction', place: direction }
  yield { head: 'strength_signed', place: strength }
  for (const places of Object.values(reach)) yield* places
}

/** The places without the heads whose window is over `sinceS` seconds after the anchor. */
function openPlaces(places: HeadPlaces, sinceS: number, windowSeconds: number): HeadPlaces {
  const isOpen = (one: ReachPlace): boolean => sinceS === 0 || sinceS < Number(one.horizon)
  if (sinceS === 0) return places
  const isWindow = sinceS < windowSeconds
  return {
    ...places,
    tradeable: isWindow ? places.tradeable : -1,
    direction: isWindow ? places.direction : -1,
    strength: isWindow ? places.strength : -1,
    reach: reachTable(places, (list) => list.map((one) => (isOpen(one) ? one : { ...one, place: -1 }))),
  }
}

/** By head, why it has no answer although it is loaded: price was there at the anchor, or its window is over. */
function whyDropped(all: HeadPlaces, asked: HeadPlaces, open: HeadPlaces): Readonly<Record<string, Settled>> {
  if (all === open) return NOTHING
  const [asking, opening] = [[...namedPlaces(asked)], [...namedPlaces(open)]]
  const settled: Record<string, Settled> = {}
  for (const [i, { head, place }] of [...namedPlaces(all)].entries()) {
    if (place < 0) continue
    if ((asking[i]?.place ?? -1) < 0) settled[head] = 'unreachable'
    else if ((opening[i]?.place ?? -1) < 0) settled[head] = 'over'
  }
  return settled
}

const NOTHING: Readonly<Record<string, Settled>> = {}

/** The range of P(break | tradeable) as served; the mix need not rise with the tree's answer, so the point is in it too. */
function breakRange(
  answers: Answers,
  place: number,
  given: number,
  servedFrom: (p: number) => number,
): Interval | null {
  const range = rangeAt(answers, place)
  if (range === null) return null
  const ends = [servedFrom(range[0]), servedFrom(range[1]), given]
  return [Math.min(...ends), Math.max(...ends)]
}

const scaled = (range: Interval | null, by: number | null): Interval | null =>
  range === null || by === null ? null : [range[0] * by, range[1] * by]

const word = (value: RowValues[string]): string | null => (typeof value === 'string' ? value : null)
const number = (value: RowValues[string]): number | null => (typeof value === 'number' ? value : null)

/** The gate over what the row holds: readings that are not known at its time are not in it. */
export function gateOf(row: RowValues, sign: 1 | -1, options: GateOptions): FeasibilityMask {
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

/** The gate's part: what it added to the mixed probability, and why it adds nothing where the mix leaves it out. */
function maskOf(gate: FeasibilityMask, mixed: MixedBreak | null, given: number | null): TargetMask {
  const reason = mixed?.gateReason ?? null
  const rules =
    reason === null ? gate.rules : gate.rules.map((rule) => ({ ...rule, reason: `${rule.reason}; ${reason}` }))
  return {
    allow_break: gate.allowBreak,
    allow_bounce: gate.allowBounce,
    break_logit_bias: gate.breakLogitBias,
    break_shift: mixed === null || given === null ? null : given - mixed.mixed,
    rules,
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
    time_to_threshold: reachTable(places, (one) => byHorizon({ values: nothing, low: nothing, high: nothing }, one)),
    retrieval: null,
    ensemble: null,
    feasibility_mask: null,
    utility_score: null,
    source: null,
    p_touch: null,
    settled: NOTHING,
    intervals: null,
    intervals_missing: 'no_numbers',
    strength_ahead: null,
    expected_extremes: null,
    expected_move: null,
    utility_net: null,
  }
}
