import type { FuelEffect, GammaBucket } from '@breakwater/features'
import type { RandomStream } from './random.ts'

/** Dealers' gamma in one minute. */
export interface Fuel {
  /** Standard normal that drives the exposure; half-life 46 minutes, carried over nights. */
  readonly drive: number
  /** `gamma_exposure`, $; negative when dealers are short gamma. */
  readonly gammaExposure: number
}

const PERSISTENCE = 0.985
const MODE = 49_400
const SPREAD_BELOW = 80_000
const SPREAD_ABOVE = 40_000
const LEAST = -204_009
const MOST = 140_990

/** The exposure within which the effect is NEUTRAL and the bucket UNKNOWN, $. */
const NEUTRAL_BAND = 5_000

/** Dealers' gamma at `drive` standard deviations: a two-piece normal of mean 33,400, kept in [-204,009, 140,990]. */
export function fuelAt(drive: number): Fuel {
  const exposure = MODE + (drive < 0 ? SPREAD_BELOW : SPREAD_ABOVE) * drive
  return { drive, gammaExposure: Math.min(MOST, Math.max(LEAST, exposure)) }
}

/** Dealers' gamma one minute later. Nothing here reads a price. */
export function nextFuel(previous: Fuel, random: RandomStream): Fuel {
  return fuelAt(PERSISTENCE * previous.drive + Math.sqrt(1 - PERSISTENCE ** 2) * random.normal())
}

/** AMPLIFY below -5,000, DAMPEN above 5,000, NEUTRAL between (ends included). */
export function fuelEffect(gammaExposure: number): FuelEffect {
  if (gammaExposure < -NEUTRAL_BAND) return 'AMPLIFY'
  return gammaExposure > NEUTRAL_BAND ? 'DAMPEN' : 'NEUTRAL'
}

/** SHORT_GAMMA where the effect is AMPLIFY, LONG_GAMMA where it is DAMPEN, else UNKNOWN. */
export function gammaBucket(gammaExposure: number): GammaBucket {
  const effect = fuelEffect(gammaExposure)
  if (effect === 'NEUTRAL') return 'UNKNOWN'
  return effect === 'AMPLIFY' ? 'SHORT_GAMMA' : 'LONG_GAMMA'
}
