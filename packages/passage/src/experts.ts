/**
 * A path around the forecast: Brownian, with volatility `volatility` sigma and drift `drift` sigma per minute, sigma
 * the forecast in price per square root of a minute. A positive drift leads beyond the level.
 */
export interface DiffusionExpert {
  readonly kind: 'diffusion'
  readonly volatility: number
  readonly drift: number
}

/**
 * A path that stays where it is until one jump, after an exponential time with `rate` jumps a minute; its length is
 * exponential with mean |`size`| sigma, beyond the level where size > 0, back from it where size < 0. It stands for
 * what leaves a band many volatilities away.
 */
export interface JumpExpert {
  readonly kind: 'jump'
  readonly rate: number
  readonly size: number
}

/** One law of the mixture. */
export type Expert = DiffusionExpert | JumpExpert

const VOLATILITIES = [0.3, 0.45, 0.62, 0.8, 1, 1.25, 1.65, 2.4]
const DRIFTS = [-0.6, -0.2, 0.2, 0.6]
const JUMP_SIZES = [-30, -10, -3, 3, 10, 30]
/** So low that the chance of a jump grows almost in proportion to the horizon. */
const JUMP_RATE = 0.02

/** 8 volatilities x 4 drifts, and jumps of three sizes both ways: 38 experts. */
export function defaultExperts(): Expert[] {
  return [
    ...VOLATILITIES.flatMap((volatility) => DRIFTS.map((drift) => ({ kind: 'diffusion' as const, volatility, drift }))),
    ...JUMP_SIZES.map((size) => ({ kind: 'jump' as const, rate: JUMP_RATE, size })),
  ]
}

/** Throws unless there is an expert and all numbers are in range. */
export function checkExperts(experts: readonly Expert[]): void {
  if (experts.length === 0) {
    throw new RangeError('passage: experts=[]: must have at least one. Use defaultExperts().')
  }
  for (const [k, expert] of experts.entries()) {
    if (expert.kind === 'diffusion') {
      checkNumber(`experts[${k}].volatility`, expert.volatility, expert.volatility > 0)
      checkNumber(`experts[${k}].drift`, expert.drift, true)
    } else {
      checkNumber(`experts[${k}].rate`, expert.rate, expert.rate > 0)
      checkNumber(`experts[${k}].size`, expert.size, expert.size !== 0)
    }
  }
}

function checkNumber(argument: string, value: number, inRange: boolean): void {
  if (Number.isFinite(value) && inRange) return
  throw new RangeError(
    `passage: ${argument}=${value}: must be finite, a volatility or rate positive, a size not 0. Use defaultExperts().`,
  )
}
