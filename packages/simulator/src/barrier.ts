import type { BarrierState } from '@breakwater/features'
import type { RandomStream } from './random.ts'

/** The book near the price in one minute. */
export interface Barrier {
  readonly state: BarrierState
  /** Minutes that a state other than NEUTRAL still has to run. */
  readonly minutesLeft: number
  /** Level of the wall that the running state keeps. */
  readonly wall: number
  /** Standard normal that drives the replenishment ratio. */
  readonly replenishment: number
  readonly deltaLiq: number
  readonly wallRatio: number
}

interface StateShape {
  readonly state: BarrierState
  readonly share: number
  readonly wall: number
  readonly deltaLiq: number
}

/** Chance per neutral minute that a state begins; with a mean length of 4 minutes, 4.4% of minutes are not NEUTRAL. */
const START = 0.0115

/** Chance that a neutral minute shows some change of liquidity all the same. */
const STRAY_CHANGE = 0.004

const SHAPES: readonly StateShape[] = [
  { state: 'WALL', share: 0.38, wall: 2, deltaLiq: 180 },
  { state: 'ABSORPTION', share: 0.2, wall: 1.4, deltaLiq: 90 },
  { state: 'WEAK', share: 0.14, wall: 0.3, deltaLiq: -40 },
  { state: 'CONSUMED', share: 0.14, wall: 0, deltaLiq: -120 },
  { state: 'VACUUM', share: 0.14, wall: 0, deltaLiq: -200 },
]

/** An empty book, before the first minute. */
export const CALM_BARRIER: Barrier = {
  state: 'NEUTRAL',
  minutesLeft: 0,
  wall: 0,
  replenishment: 0,
  deltaLiq: 0,
  wallRatio: 0,
}

/**
 * The book one minute later. States begin at random, run for 1 to 7 minutes (4 on average) and keep their wall up to
 * small changes; `wall_ratio` and `barrier_delta_liq` are 0 outside them. Nothing here reads a price.
 */
export function nextBarrier(previous: Barrier, random: RandomStream): Barrier {
  const replenishment = 0.8 * previous.replenishment + 0.6 * random.normal()
  const shape = previous.minutesLeft > 0 ? shapeOf(previous.state) : beginState(random)
  if (shape === undefined) {
    const deltaLiq = random.uniform() < STRAY_CHANGE ? 60 * random.normal() : 0
    return { ...CALM_BARRIER, replenishment, deltaLiq }
  }
  const running = previous.minutesLeft > 0
  const wall = running ? previous.wall : shape.wall * Math.exp(0.3 * random.normal())
  return {
    state: shape.state,
    minutesLeft: running ? previous.minutesLeft - 1 : Math.floor(7 * random.uniform()),
    wall,
    replenishment,
    deltaLiq: shape.deltaLiq * Math.exp(0.4 * random.normal()),
    wallRatio: wall * Math.exp(0.1 * random.normal()),
  }
}

/** `barrier_replenishment_ratio`: added over taken liquidity, log-normal around 0.8, always above 0. */
export function replenishmentRatio(barrier: Barrier): number {
  return 0.8 * Math.exp(0.5 * barrier.replenishment)
}

function shapeOf(state: BarrierState): StateShape | undefined {
  return SHAPES.find((shape) => shape.state === state)
}

function beginState(random: RandomStream): StateShape | undefined {
  if (random.uniform() >= START) return undefined
  let rest = random.uniform()
  for (const shape of SHAPES) {
    if (rest < shape.share) return shape
    rest -= shape.share
  }
  return SHAPES.at(-1)
}
