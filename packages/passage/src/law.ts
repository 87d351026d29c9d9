import { z } from 'zod'
import { checkExperts, type Expert } from './experts.ts'

/** Version of {@link Law} as data. */
export const LAW_VERSION = 1

/**
 * A mixture of experts around a volatility forecast, as plain data: JSON.stringify writes it, {@link lawFromJson} reads
 * it.
 */
export interface Law {
  readonly version: typeof LAW_VERSION
  readonly experts: readonly Expert[]
  /** One for each expert, at least 0, with sum 1. */
  readonly weights: readonly number[]
  /**
   * Share of band exits through the break side in training: what `direction` tends to where the band is almost never
   * left.
   */
  readonly breakShare: number
}

const finite = z.number()
const layout = z.strictObject({
  version: z.literal(LAW_VERSION),
  experts: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('diffusion'), volatility: finite.positive(), drift: finite }),
        z.strictObject({
          kind: z.literal('jump'),
          rate: finite.positive(),
          size: finite.refine((size) => size !== 0, 'must not be 0'),
        }),
      ]),
    )
    .min(1),
  weights: z.array(finite.min(0)),
  breakShare: finite.min(0).max(1),
})

const SUM_TOLERANCE = 1e-9

/**
 * The law that a JSON value holds. Throws, naming `source` and the field, on another version, an unknown field, a
 * number out of range, or weights that are not one an expert with sum 1. Runs no code of the value.
 */
export function lawFromJson(value: unknown, source = 'law'): Law {
  const result = layout.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const field = issue?.path.map((part) => `.${String(part)}`).join('') ?? ''
    throw new Error(
      `passage: ${source}${field}: ${issue?.message ?? 'is not valid'}. Is it a law of version ${LAW_VERSION}? Train again.`,
    )
  }
  checkLaw(result.data, source)
  return result.data
}

/** Throws unless the experts are in range and there is one weight for each, at least 0, with sum 1. */
export function checkLaw({ experts, weights, breakShare }: Law, source = 'law'): void {
  checkExperts(experts)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (weights.length !== experts.length || !(Math.abs(sum - 1) < SUM_TOLERANCE) || weights.some((w) => !(w >= 0))) {
    throw new RangeError(
      `passage: ${source}.weights=[${weights.length} numbers with sum ${sum}]: must be one for each of the ` +
        `${experts.length} experts, at least 0, with sum 1. Fit them with fitWeights.`,
    )
  }
  if (breakShare >= 0 && breakShare <= 1) return
  throw new RangeError(
    `passage: ${source}.breakShare=${breakShare}: must lie in [0, 1]. Pass a share, not a percentage.`,
  )
}

/** How the answers of a law are shifted by what became of its forecasts. Plain data. */
export interface LawCalibration {
  /** Added to the logarithm of the volatility forecast. */
  readonly volatility: number
  /** Added to every tilt, in standard deviations of the drift. */
  readonly drift: number
  /** Power of the weights, positive: below 1 the experts are more alike, above 1 the likely ones count for more. */
  readonly power: number
}

/** Changes nothing. */
export const NO_CALIBRATION: LawCalibration = { volatility: 0, drift: 0, power: 1 }

/** The law with its weights raised to a power, with sum 1 again; the same law for the power 1. A weight of 0 stays 0. */
export function poweredLaw(law: Law, power: number): Law {
  if (power === 1) return law
  const raised = law.weights.map((weight) => weight ** power)
  const sum = raised.reduce((total, value) => total + value, 0)
  return { ...law, weights: raised.map((value) => value / sum) }
}
