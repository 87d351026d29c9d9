import type { PublishedTarget } from '../../session/payload.ts'
import { percent, signed } from '../format.ts'

/** Why a target's numbers are what they are, a sentence each. */
export function reasonsOf({ ensemble, feasibility_mask: mask, retrieval, relevance }: PublishedTarget): string[] {
  const reasons = [`Relevance ${relevance.toFixed(2)}.`]
  if (ensemble !== null) {
    const { mix_weight: weight, reason, disagreement_penalty: penalty } = ensemble
    reasons.push(
      reason === null
        ? `Weight of the trees ${percent(weight)}, of the neighbours the rest.`
        : `Trees alone: ${reason}.`,
    )
    if (penalty > 0) reasons.push(`They disagree: shrunk ${percent(penalty)} towards one half.`)
  }
  const far = retrieval?.['distance_percentile']
  if (typeof far === 'number')
    reasons.push(`Farther from its neighbours than ${percent(far)} of the touches in the index.`)
  for (const { rule, bias, reason } of mask?.rules ?? []) {
    reasons.push(`Gate, ${rule}: ${reason}${bias === 0 ? '' : ` (${signed(bias)} on the logit of break)`}.`)
  }
  if (mask !== null && !mask.allow_break) reasons.push('The gate considers a break infeasible.')
  if (mask !== null && !mask.allow_bounce) reasons.push('The gate considers a bounce infeasible.')
  return reasons
}
