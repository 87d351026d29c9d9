import { readFileSync } from 'node:fs'

/** What test/fixtures/make_oracles.py wrote: rows, and figures of other programs for them. */
export interface Oracles {
  readonly predictions: readonly number[]
  readonly outcomes: readonly number[]
  /** Predictions at which fitted maps are asked. */
  readonly asked: readonly number[]
  readonly platt: { readonly slope: number; readonly intercept: number }
  readonly beta: { readonly asked: readonly number[]; readonly values: readonly number[] }
  readonly temperature: number
  readonly isotonic: readonly number[]
  readonly vennAbers: readonly (readonly [number, number])[]
  readonly smoothEce: { readonly definition: number; readonly relplot: number }
  readonly debiased: { readonly bins: number; readonly l1: number; readonly l2: number }
  readonly spiegelhalter: { readonly z: number; readonly p: number }
  readonly competing: {
    readonly times: readonly number[]
    readonly causes: readonly number[]
    readonly incidence: readonly {
      readonly cause: number
      readonly horizon: number
      readonly estimate: number
      readonly variance: number
    }[]
  }
  readonly oneCause: {
    readonly times: readonly number[]
    readonly causes: readonly number[]
    readonly incidence: readonly { readonly horizon: number; readonly estimate: number }[]
  }
  readonly pinball: {
    readonly targets: readonly number[]
    readonly forecasts: readonly number[]
    readonly loss: Readonly<Record<string, number>>
  }
}

export const oracles = JSON.parse(readFileSync(new URL('fixtures/oracles.json', import.meta.url), 'utf8')) as Oracles

/** A calibrator, or a failed test that says why there is none. */
export function fitted<C>(fit: { readonly calibrator: C | null; readonly reason?: string | undefined }): C {
  if (fit.calibrator === null) throw new Error(`no calibrator: ${fit.reason ?? ''}`)
  return fit.calibrator
}
