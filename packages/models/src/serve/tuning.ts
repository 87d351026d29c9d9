import { type EnsembleOptions, feasibilityGate, type GateOptions, mixBreak } from '@breakwater/viewport'
import { z } from 'zod'

/** Hand-set numbers of the mix and the gate where they are not the defaults, as `tuning` of a scorer has them. */
export interface MixTuning {
  readonly ensemble?: EnsembleOptions
  readonly gate?: GateOptions
}

const number = z.number().exactOptional()
const tuning: z.ZodType<MixTuning> = z.strictObject({
  ensemble: z
    .strictObject({
      baseWeight: number,
      similarityWeight: number,
      entropyWeight: number,
      weightRange: z.tuple([z.number(), z.number()]).exactOptional(),
      similarFrom: number,
      differFrom: number,
      mostShrinkage: number,
    })
    .exactOptional(),
  gate: z
    .strictObject({
      barrierStep: number,
      gammaStep: number,
      tapeFrom: number,
      gammaFrom: number,
      mostBias: number,
      infeasibleFrom: number,
    })
    .exactOptional(),
})

const EMPTY_BOOK = { barrierState: null, fuelEffect: null, tapeImbalance: null, directionSign: 1, gammaExposure: null }

/** Checks numbers of the mix and the gate that came from outside; `source` names them in the error. Throws RangeError on what is none. */
export function readMixTuning(value: unknown, source: string): MixTuning {
  const parsed = tuning.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = [source, ...(issue?.path ?? [])].join('.')
    throw new RangeError(
      `models: ${place}: ${issue?.message ?? 'is not valid'}. See EnsembleOptions and GateOptions of viewport.`,
    )
  }
  // Their own checks, before the first touch.
  mixBreak(0.5, { missing: 'none' }, parsed.data.ensemble)
  feasibilityGate(EMPTY_BOOK, parsed.data.gate)
  return parsed.data
}
