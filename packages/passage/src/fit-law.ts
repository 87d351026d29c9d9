import type { Outcomes } from './composite.ts'
import { type Moments, expertValues } from './expert-values.ts'
import type { Expert } from './experts.ts'
import { fitWeights, type FitWeightsOptions, type WeightsFit } from './fit-weights.ts'
import { type Law, LAW_VERSION } from './law.ts'
import type { SurfaceSpec } from './questions.ts'

/** Moments with the outcomes of a surface's questions. */
export interface LawRows {
  readonly spec: SurfaceSpec
  readonly moments: Moments
  readonly outcomes: Outcomes
}

/** Half a direction each way, as in the estimate of a share by Krichevsky and Trofimov (1981). */
const IMAGINED_DIRECTIONS = 1

/**
 * The mixture of `experts` that fits the outcomes of moments, by {@link fitWeights}, and how the fit went. One
 * imagined direction, half of it each way, counts beside those that were seen: after three exits by the nearer side the farther one is
 * still possible. The share of exits through the break side is that of the rows with a direction, shrunk towards a half by one row
 * each way.
 */
export function fitLaw(
  experts: readonly Expert[],
  rows: LawRows,
  options: FitWeightsOptions = {},
): { readonly law: Law; readonly fit: WeightsFit } {
  const values = expertValues(experts, rows.spec, rows.moments)
  const fit = fitWeights(values, rows.outcomes, { imaginedDirections: IMAGINED_DIRECTIONS, ...options })
  const breakShare = shareOfBreaks(rows.outcomes, values.questions)
  return { law: { version: LAW_VERSION, experts: [...experts], weights: fit.weights, breakShare }, fit }
}

function shareOfBreaks({ labels, rowWeights }: Outcomes, questions: number): number {
  let breaks = 1
  let all = 2
  for (let row = 0; row < labels.length / questions; row++) {
    const label = labels[(row + 1) * questions - 1] as number
    if (label < 0) continue
    const weight = rowWeights?.[row] ?? 1
    all += weight
    breaks += label * weight
  }
  return breaks / all
}
