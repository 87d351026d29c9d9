import { checkFinite, checkWithin, kept } from './check.ts'

/** The hand-set numbers of the relevance; every default is that of the original system and was fitted to nothing. */
export interface RelevanceOptions {
  /** Weight of closeness; default 0.45. */
  readonly closenessWeight?: number
  /** Weight of the approach; default 0.20. */
  readonly approachWeight?: number
  /** Weight of confluence; default 0.20. */
  readonly confluenceWeight?: number
  /** Weight of dealer gamma; default 0.15. */
  readonly gammaWeight?: number
  /** Dollars at which closeness has fallen to 0; default 1. */
  readonly scanBand?: number
  /** Approach velocity, dollars a minute, whose hyperbolic tangent is 0.76; default 0.5. */
  readonly approachScale?: number
  /** The same for gamma; default 100,000. */
  readonly gammaScale?: number
}

/** {@link RelevanceOptions} with every default filled in. */
export type RelevanceSettings = Required<RelevanceOptions>

/** What the relevance of a level is made of. NaN is missing and adds nothing. */
export interface RelevanceInputs {
  /** Dollars. */
  readonly distance: number
  /** Dollars a minute, positive toward the level. */
  readonly approachVelocity: number
  /** In [0, 1]. */
  readonly confluence: number
  readonly gammaExposure: number
}

/**
 * How much a level matters now: 0.45 closeness + 0.20 tanh(approach velocity / 0.50) + 0.20 confluence + 0.15 tanh(-gamma /
 * 100,000), where closeness is 1 - distance / 1.00 kept in [0, 1]. In (-0.35, 1] with the default weights. A missing part
 * adds nothing. O(1).
 */
export function relevanceOf(inputs: RelevanceInputs, settings: RelevanceSettings): number {
  const closeness = kept(1 - inputs.distance / settings.scanBand, 0, 1)
  const approach = known(Math.tanh(inputs.approachVelocity / settings.approachScale))
  const gamma = known(Math.tanh(-inputs.gammaExposure / settings.gammaScale))
  return (
    settings.closenessWeight * closeness +
    settings.approachWeight * approach +
    settings.confluenceWeight * known(inputs.confluence) +
    settings.gammaWeight * gamma
  )
}

const known = (value: number): number => (Number.isNaN(value) ? 0 : value)

/** The options with their defaults. Throws RangeError naming the one that is wrong. */
export function relevanceSettings({
  closenessWeight = 0.45,
  approachWeight = 0.2,
  confluenceWeight = 0.2,
  gammaWeight = 0.15,
  scanBand = 1,
  approachScale = 0.5,
  gammaScale = 100_000,
}: RelevanceOptions = {}): RelevanceSettings {
  const hint = 'See RelevanceOptions.'
  for (const [name, value] of Object.entries({ closenessWeight, approachWeight, confluenceWeight, gammaWeight })) {
    checkFinite(`options.relevance.${name}`, value, hint)
  }
  for (const [name, value] of Object.entries({ scanBand, approachScale, gammaScale })) {
    checkWithin(`options.relevance.${name}`, value, [Number.MIN_VALUE, Number.MAX_VALUE], hint)
  }
  return { closenessWeight, approachWeight, confluenceWeight, gammaWeight, scanBand, approachScale, gammaScale }
}
