import {
  advance,
  feasibilityGate,
  mixBreak,
  outcomeProbabilities,
  relevanceOf,
  relevanceSettings,
  stateSettings,
} from '@breakwater/viewport'
import type { RowValues } from '@breakwater/features'
import type { LevelMemory, Physics, Snapshot, SnapshotLevel } from '@breakwater/viewport'
import { answerOf, codeOf, MINUTE, mixed, neighboursOf, START } from './fakes.ts'

/** What the naive viewport says of a target: the part that the real one must agree about. */
export interface NaiveTarget {
  readonly level_id: string
  readonly direction: string | null
  readonly viewport_state: string
  readonly row_basis: string | null
  readonly stage: string
  readonly relevance: number
  readonly pinned: boolean
  readonly p_tradeable_2: number | null
  readonly p_break: number | null
  readonly p_bounce: number | null
  readonly strength_signed: number | null
  readonly t1_break_120: number | null
  readonly mix_weight: number | null
  readonly break_logit_bias: number | null
  readonly utility_score: number | null
}

interface LevelTrack {
  memory: LevelMemory
  touchPrice: number
  /** Number of bars when the touch's bar came; undefined before. */
  touchVersion?: number | undefined
  frozen?: Physics | undefined
  /** Dollars beyond the level at confirmation. */
  moved?: number
}

/** Everything from scratch at every tick: no caches, no passes, plain sorting. Follows levels by kind and, but for VWAP, price. */
export function naiveViewport(pinned: ReadonlySet<string>, mostTargets: number): (snapshot: Snapshot) => NaiveTarget[] {
  const followed = new Map<string, LevelTrack>()
  let version = 0
  let lastBarNs = START - MINUTE
  return (snapshot) => {
    const { tsNs, spot } = snapshot
    for (const bar of snapshot.bars ?? []) {
      version += 1
      lastBarNs = BigInt(bar.minute) * MINUTE
    }
    const targets = snapshot.levels.map((level) => {
      const key = level.kind === 'VWAP' ? 'VWAP' : level.id
      const before = followed.get(key)
      const about = before === undefined ? level.price : priceOf(level, before, tsNs)
      const memory = advance(before?.memory ?? null, { price: level.price, about, spot, tsNs }, stateSettings())
      const began = memory.touchNs === tsNs
      const now: LevelTrack =
        before === undefined || began || memory.touchNs === null
          ? { memory, touchPrice: level.price }
          : { ...before, memory }
      const touchMinute = memory.touchNs === null ? null : memory.touchNs - (memory.touchNs % MINUTE)
      if (now.touchVersion === undefined && touchMinute === lastBarNs) now.touchVersion = version
      const isFinal = memory.state === 'CONFIRMATION' || memory.state === 'RESOLVED'
      if (isFinal && now.touchVersion !== undefined && now.frozen === undefined) {
        now.frozen = level.physics ?? {}
        now.moved = memory.side * (spot - now.touchPrice)
      }
      followed.set(key, now)
      return naiveTarget(level, now, { spot, tsNs, version, lastBarNs, isPinned: pinned.has(level.id) })
    })
    const candidates = targets.filter((target, i) => {
      const level = snapshot.levels[i] as SnapshotLevel
      const track = followed.get(level.kind === 'VWAP' ? 'VWAP' : level.id) as LevelTrack
      return target.pinned || Math.abs(priceOf(level, track, tsNs) - spot) <= 1 + 1e-8
    })
    const automatic = candidates
      .filter((target) => !target.pinned)
      .toSorted((a, b) => b.relevance - a.relevance)
      .slice(0, mostTargets)
    return [...candidates.filter((target) => target.pinned), ...automatic].toSorted(
      (a, b) => (b.utility_score ?? -1) - (a.utility_score ?? -1) || b.relevance - a.relevance,
    )
  }
}

/** What a level is about: in an episode, until the window after its confirmation has ended, the price that was touched. */
function priceOf({ price }: SnapshotLevel, { memory, touchPrice }: LevelTrack, tsNs: bigint): number {
  return memory.confirmNs !== null && tsNs < memory.confirmNs + 480_000_000_000n ? touchPrice : price
}

interface Now {
  readonly spot: number
  readonly tsNs: bigint
  readonly version: number
  readonly lastBarNs: bigint
  readonly isPinned: boolean
}

function naiveTarget(level: SnapshotLevel, followed: LevelTrack, now: Now): NaiveTarget {
  const { memory, touchVersion, touchPrice, frozen } = followed
  const { kind, physics = {} } = level
  const isFinal = memory.state === 'CONFIRMATION' || memory.state === 'RESOLVED'
  const inTouch = memory.side !== 0 && memory.touchNs !== null && touchVersion !== undefined
  const basis = inTouch ? (isFinal ? 'confirmation' : 'touch') : isFinal || memory.side === 0 ? null : 'supposed'
  const minute = memory.touchNs === null ? 0n : memory.touchNs - (memory.touchNs % MINUTE)
  const elapsed = Number(now.tsNs - minute) / 1e9
  const row =
    basis === 'supposed'
      ? rowOf(kind, level.price, memory.side, now.version, physics, Number(now.tsNs - now.lastBarNs) / 1e9)
      : rowOf(
          kind,
          touchPrice,
          memory.side,
          touchVersion ?? 0,
          isFinal ? (frozen ?? {}) : physics,
          isFinal ? 240 : elapsed,
        )
  const { spot } = now
  const known = memory.side === 0 ? Number.NaN : 1
  const gamma = physics['gamma_exposure']
  return {
    level_id: level.id,
    direction: memory.side === 0 ? null : memory.side > 0 ? 'UP' : 'DOWN',
    viewport_state: memory.state,
    row_basis: basis,
    stage: isFinal ? 'stage_b' : 'stage_a',
    pinned: now.isPinned,
    relevance: relevanceOf(
      {
        distance: Math.abs(priceOf(level, followed, now.tsNs) - spot),
        approachVelocity: known * (mixed('v', kind, level.price, now.version) - 0.5),
        confluence: known * mixed('c', kind, level.price, now.version),
        gammaExposure: typeof gamma === 'number' ? gamma : Number.NaN,
      },
      relevanceSettings(),
    ),
    ...open(
      askable(naiveScores(row, memory.side, basis === null), basis === 'confirmation' ? (followed.moved ?? 0) : 0),
      basis === 'confirmation' ? Number(now.tsNs - (memory.confirmNs ?? 0n)) / 1e9 : 0,
    ),
  }
}

function rowOf(
  kind: string,
  price: number,
  sign: number,
  version: number,
  physics: Physics,
  afterS: number,
): RowValues {
  const at = (name: string, known: number): number | string | null => (afterS >= known ? (physics[name] ?? null) : null)
  return {
    code: mixed(kind, price, sign),
    version,
    tape_imbalance: at('tape_imbalance', 60),
    gamma_exposure: at('gamma_exposure', 60),
    fuel_effect: at('fuel_effect', 60),
    barrier_state: at('barrier_state', 240),
  }
}

type NaiveScores = Pick<
  NaiveTarget,
  | 'p_tradeable_2'
  | 'p_break'
  | 'p_bounce'
  | 'strength_signed'
  | 't1_break_120'
  | 'mix_weight'
  | 'break_logit_bias'
  | 'utility_score'
>

/** Without what the anchor's windows no longer hold `since` seconds after it. */
function open(scores: NaiveScores, since: number): NaiveScores {
  const one = since > 0 && since >= 120 ? { t1_break_120: null } : {}
  const nothing = {
    p_tradeable_2: null,
    p_break: null,
    p_bounce: null,
    strength_signed: null,
    mix_weight: null,
    utility_score: null,
  }
  return { ...scores, ...one, ...(since >= 480 ? nothing : {}) }
}

/** Without what price was beyond at the anchor already. */
function askable(scores: NaiveScores, moved: number): NaiveScores {
  const one = moved >= 1 - 1e-8 ? { t1_break_120: null } : {}
  const nothing = { p_tradeable_2: null, p_break: null, p_bounce: null, mix_weight: null, utility_score: null }
  return { ...scores, ...one, ...(Math.abs(moved) >= 2 - 1e-8 ? nothing : {}) }
}

function naiveScores(row: RowValues, side: number, none: boolean): NaiveScores {
  if (none) {
    return {
      p_tradeable_2: null,
      p_break: null,
      p_bounce: null,
      strength_signed: null,
      t1_break_120: null,
      mix_weight: null,
      break_logit_bias: null,
      utility_score: null,
    }
  }
  const word = (name: string): string | null => (typeof row[name] === 'string' ? row[name] : null)
  const number = (name: string): number | null => (typeof row[name] === 'number' ? row[name] : null)
  const code = codeOf(
    Float32Array.of(Number(row['code']), Number(row['version']), number('tape_imbalance') ?? Number.NaN),
  )
  const tradeable = answerOf('tradeable_2', code)
  const strength = answerOf('strength_signed', code)
  const mix = mixBreak(answerOf('direction', code), neighboursOf(row).vote)
  const gate = feasibilityGate({
    barrierState: word('barrier_state'),
    fuelEffect: word('fuel_effect'),
    tapeImbalance: number('tape_imbalance'),
    gammaExposure: number('gamma_exposure'),
    directionSign: side,
  })
  const { pBreak, pBounce } = outcomeProbabilities(tradeable, mix, gate)
  return {
    p_tradeable_2: tradeable,
    p_break: pBreak,
    p_bounce: pBounce,
    strength_signed: strength,
    t1_break_120: answerOf('t1_break_120s', code),
    mix_weight: mix.mixWeight,
    break_logit_bias: gate.breakLogitBias,
    utility_score: tradeable * Math.abs(strength),
  }
}
