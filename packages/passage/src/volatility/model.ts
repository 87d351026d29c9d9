import { z } from 'zod'
import { VOLATILITY_FEATURES, type VolatilityState, volatilityFeatures } from './stream.ts'

/** Version of {@link VolatilityModel} as data. */
export const VOLATILITY_VERSION = 1

/** A volatility forecast as plain data: JSON.stringify writes it, {@link volatilityFromJson} reads it. */
export interface VolatilityModel {
  readonly version: typeof VOLATILITY_VERSION
  /** Usual range of each minute of a session over the session's mean. */
  readonly profile: readonly number[]
  /** One for each of `VOLATILITY_FEATURES`. */
  readonly coefficients: readonly number[]
}

const layout = z.strictObject({
  version: z.literal(VOLATILITY_VERSION),
  profile: z.array(z.number().positive()).min(1),
  coefficients: z.array(z.number()).length(VOLATILITY_FEATURES.length),
})

/**
 * The forecast that a JSON value holds. Throws, naming `source` and the field, on what is none. Runs no code of the
 * value.
 */
export function volatilityFromJson(value: unknown, source = 'volatility'): VolatilityModel {
  const result = layout.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.map((part) => `.${String(part)}`).join('') ?? ''
  throw new Error(
    `passage: ${source}${field}: ${issue?.message ?? 'is not valid'}. Is it a forecast of version ${VOLATILITY_VERSION}? Train again.`,
  )
}

/**
 * Volatility of the next five minutes, price per square root of a minute, known at the end of the last bar pushed;
 * undefined before the session's first bar.
 */
export function forecastVolatility(model: VolatilityModel, state: VolatilityState): number | undefined {
  const features = volatilityFeatures(state, model.profile)
  if (features === undefined) return undefined
  return Math.exp(features.reduce((sum, value, i) => sum + value * (model.coefficients[i] as number), 0))
}
