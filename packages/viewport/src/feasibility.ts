import { checkFinite, checkWithin, kept } from './check.ts'

/** What the gate looks at; null or NaN where there is no order book, and a word it does not know has no effect. */
export interface GateInputs {
  /** VACUUM, WALL, ABSORPTION, CONSUMED, WEAK or NEUTRAL. */
  readonly barrierState: string | null
  /** AMPLIFY, DAMPEN or NEUTRAL. */
  readonly fuelEffect: string | null
  /** Buying less selling over all volume, in [-1, 1]. */
  readonly tapeImbalance: number | null
  /** +1 where price comes from below (UP), -1 from above (DOWN). */
  readonly directionSign: number
  /** Dealer gamma at the level. */
  readonly gammaExposure: number | null
}

/** The hand-set numbers of the gate; every default is that of the original system and was fitted to nothing. */
export interface GateOptions {
  /** Logit of the barrier rule; default 1. */
  readonly barrierStep?: number
  /** Logit of the gamma rule; default 1. */
  readonly gammaStep?: number
  /** Tape with or against the approach counts beyond this; default 0.2. */
  readonly tapeFrom?: number
  /** Gamma counts beyond this size; default 50,000. */
  readonly gammaFrom?: number
  /** The sum is kept within plus and minus this; default 2.5. */
  readonly mostBias?: number
  /** A side is infeasible where the bias against it is at least this; default 2, where both rules speak against it. */
  readonly infeasibleFrom?: number
}

/** One rule of the gate. */
export interface GateRule {
  readonly rule: 'barrier' | 'gamma'
  /** Added to the logit of break. */
  readonly bias: number
  /** What it found, or what it lacks. */
  readonly reason: string
}

/** The gate's verdict. */
export interface FeasibilityMask {
  readonly allowBreak: boolean
  readonly allowBounce: boolean
  /** Sum of the rules, kept in range. */
  readonly breakLogitBias: number
  readonly rules: readonly GateRule[]
}

/**
 * What the order book allows: a bias on the logit of break.
 * - Barrier: a WALL or ABSORPTION with DAMPEN and tape against the approach (below -0.20) is -1; a VACUUM or CONSUMED with
 *   AMPLIFY and tape with it (above 0.20) is +1. Tape with the approach is directionSign x imbalance.
 * - Gamma: beyond 50,000 in size, negative with AMPLIFY is +1, positive with DAMPEN is -1.
 * The sum is kept in [-2.5, 2.5]. `allowBreak` and `allowBounce` are false where both rules speak against a side: they
 * are a statement for the trader and never make a probability 0, which no data supports.
 *
 * The steps are set by hand and push calibrated probabilities: judge the result, as `breakwater calibrate` does. Throws on
 * a direction sign other than 1 and -1 and on options out of range. O(1).
 */
export function feasibilityGate(inputs: GateInputs, options: GateOptions = {}): FeasibilityMask {
  const settings = settingsOf(options)
  if (inputs.directionSign !== 1 && inputs.directionSign !== -1) {
    throw new RangeError(`viewport: directionSign=${inputs.directionSign}: must be 1 (UP) or -1 (DOWN).`)
  }
  const rules = [barrierRule(inputs, settings), gammaRule(inputs, settings)]
  const sum = rules.reduce((total, { bias }) => total + bias, 0)
  const breakLogitBias = kept(sum, -settings.mostBias, settings.mostBias)
  return {
    allowBreak: breakLogitBias > -settings.infeasibleFrom,
    allowBounce: breakLogitBias < settings.infeasibleFrom,
    breakLogitBias,
    rules,
  }
}

type Settings = Required<GateOptions>

function barrierRule(
  { barrierState, fuelEffect, tapeImbalance, directionSign }: GateInputs,
  { barrierStep, tapeFrom }: Settings,
): GateRule {
  const rule = 'barrier'
  if (barrierState === null || fuelEffect === null || tapeImbalance === null || Number.isNaN(tapeImbalance)) {
    return { rule, bias: 0, reason: 'barrier, fuel or tape is missing' }
  }
  const tape = directionSign * tapeImbalance
  const what = `${barrierState} with ${fuelEffect}`
  if ((barrierState === 'WALL' || barrierState === 'ABSORPTION') && fuelEffect === 'DAMPEN' && tape < -tapeFrom) {
    return { rule, bias: -barrierStep, reason: `${what} and tape against the approach` }
  }
  if ((barrierState === 'VACUUM' || barrierState === 'CONSUMED') && fuelEffect === 'AMPLIFY' && tape > tapeFrom) {
    return { rule, bias: barrierStep, reason: `${what} and tape with the approach` }
  }
  return { rule, bias: 0, reason: `${what} has no effect` }
}

function gammaRule({ fuelEffect, gammaExposure }: GateInputs, { gammaStep, gammaFrom }: Settings): GateRule {
  const rule = 'gamma'
  if (fuelEffect === null || gammaExposure === null || Number.isNaN(gammaExposure)) {
    return { rule, bias: 0, reason: 'fuel or gamma is missing' }
  }
  if (gammaExposure < -gammaFrom && fuelEffect === 'AMPLIFY') {
    return { rule, bias: gammaStep, reason: 'large short gamma amplifies' }
  }
  if (gammaExposure > gammaFrom && fuelEffect === 'DAMPEN') {
    return { rule, bias: -gammaStep, reason: 'large long gamma dampens' }
  }
  return { rule, bias: 0, reason: 'gamma has no effect' }
}

function settingsOf({
  barrierStep = 1,
  gammaStep = 1,
  tapeFrom = 0.2,
  gammaFrom = 50_000,
  mostBias = 2.5,
  infeasibleFrom = 2,
}: GateOptions): Settings {
  const hint = 'See GateOptions.'
  for (const [name, value] of Object.entries({ barrierStep, gammaStep, tapeFrom, gammaFrom, mostBias })) {
    checkFinite(`options.${name}`, value, hint)
    checkWithin(`options.${name}`, value, [0, Number.POSITIVE_INFINITY], hint)
  }
  if (!(infeasibleFrom > 0)) {
    throw new RangeError(`viewport: options.infeasibleFrom=${infeasibleFrom}: must be above 0. ${hint}`)
  }
  return { barrierStep, gammaStep, tapeFrom, gammaFrom, mostBias, infeasibleFrom }
}

/**
 * A probability with `bias` added to its logit, in [0, 1]: p e^b / (1 - p + p e^b). 0 and 1 stay what they are. Throws on
 * what is not a probability.
 */
export function shiftLogit(probability: number, bias: number): number {
  checkWithin('probability', probability, [0, 1], 'Pass a probability, not a logit.')
  checkFinite('bias', bias, 'Pass the gate’s breakLogitBias.')
  if (bias === 0) return probability
  const odds = Math.exp(-Math.abs(bias))
  // The exponential of a negative number only, so that nothing overflows.
  return bias > 0
    ? probability / (probability + (1 - probability) * odds)
    : (probability * odds) / (1 - probability + probability * odds)
}
