import { DEMAND_DRIFT } from './planted.ts'
import { fuelEffect } from './fuel.ts'
import type { RandomStream } from './random.ts'

/** Hidden demand: what drifts the price and what the tape shows. */
export interface Demand {
  /** Units of demand, positive for buyers, kept in [-2.5, 2.5]. */
  readonly units: number
  /** Minutes until a touch can push demand again by gamma, and by the book. */
  readonly deaf: Readonly<Record<PushSource, number>>
}

/** What pushes demand at a touch: dealers' gamma, or the book (barrier state and wall). */
export type PushSource = 'gamma' | 'barrier'

const PERSISTENCE = 2 ** (-1 / 10)
const SPREAD = 0.7
const MOST = 2.5

/** Minutes after a push during which further touches push nothing from that source: the first has to play out. */
const DEAF_MINUTES = 5

/** A push on demand: units upward, and what it came from. */
export interface DemandPush {
  readonly units: number
  readonly sources: readonly PushSource[]
}

/** No touch, no push. */
export const NO_PUSH: DemandPush = { units: 0, sources: [] }

/** Balanced demand that any touch may push. */
export const BALANCED: Demand = { units: 0, deaf: { gamma: 0, barrier: 0 } }

/**
 * Demand one minute later: half-life 10 minutes, standard deviation 0.7 without pushes, plus `push` units (upward) when
 * a touch of the minute before pushed. Reads touches and physics that have already happened, never a later price.
 */
export function nextDemand(previous: Demand, push: DemandPush, random: RandomStream): Demand {
  const shock = SPREAD * Math.sqrt(1 - PERSISTENCE ** 2) * random.normal()
  const units = PERSISTENCE * previous.units + push.units + shock
  return {
    units: Math.min(MOST, Math.max(-MOST, units)),
    deaf: {
      gamma: push.sources.length > 0 ? DEAF_MINUTES : Math.max(0, previous.deaf.gamma - 1),
      barrier: push.sources.includes('barrier') ? DEAF_MINUTES : Math.max(0, previous.deaf.barrier - 1),
    },
  }
}

/**
 * What demand and gamma make of a minute: `drift` ($) and the factor on its volatility. Short gamma (AMPLIFY) widens
 * both by 20%, long gamma (DAMPEN) narrows both by 10%; `strength` scales drift and factor, and 0 removes them.
 */
export function marketResponse(
  demand: Demand,
  gammaExposure: number,
  strength: number,
): { drift: number; volatilityFactor: number } {
  const widening = { AMPLIFY: 0.2, DAMPEN: -0.1, NEUTRAL: 0 }[fuelEffect(gammaExposure)]
  return {
    drift: strength * DEMAND_DRIFT * demand.units * (1 + widening),
    volatilityFactor: 1 + Math.min(1, strength) * widening,
  }
}
