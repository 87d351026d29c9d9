import { type EnsembleOptions, mixBreak } from './ensemble.ts'
import { type FeasibilityMask, shiftLogit } from './feasibility.ts'
import type { FittedMix, MixKind } from './mix-terms.ts'
import type { NeighbourAnswer } from './parts.ts'
import type { TargetEnsemble } from './target.ts'

/** What a mix is made with. */
export interface MixSettings {
  /** By default (null) fitted terms where there are any; else the hand-set formulas where heads alone answer, and nothing beside a law. */
  readonly mix: MixKind | null
  readonly fitted: FittedMix | null
  /** Numbers of the hand-set mix. */
  readonly ensemble: EnsembleOptions
}

/** P(break | tradeable) before and after neighbours and gate. */
export interface MixedBreak {
  /** With the neighbours, before the gate. */
  readonly mixed: number
  /** With both. */
  readonly given: number
  readonly ensemble: TargetEnsemble
  /** Why the gate has no effect; null where it has one. */
  readonly gateReason: string | null
}

/** Shares of few neighbours are 0 and 1 too often to be believed: their log odds are kept in this range. */
const VOTE_RANGE = [0.02, 0.98] as const

/** Mixes by settings that are decided: see {@link MixKind}. */
export function mixGiven(
  p: number,
  vote: NeighbourAnswer['vote'],
  gate: Pick<FeasibilityMask, 'breakLogitBias'> | null,
  { mix, fitted, ensemble }: MixSettings & { readonly mix: MixKind },
): MixedBreak {
  const bias = gate?.breakLogitBias ?? 0
  if (mix === 'documented') {
    const { mixWeight, disagreementPenalty, difference, contributions, reason, ...mixed } = mixBreak(p, vote, ensemble)
    return {
      mixed: mixed.breakGivenTradeable,
      given: shiftLogit(mixed.breakGivenTradeable, bias),
      ensemble: {
        mix_weight: mixWeight,
        disagreement_penalty: disagreementPenalty,
        difference,
        contributions,
        reason,
      },
      gateReason: null,
    }
  }
  const terms = mix === 'none' ? NO_TERMS : (fitted ?? NOT_FITTED)
  const mixed = 'missing' in vote ? p : pooled(p, vote.breakGivenTradeable, terms.neighbours ?? 0)
  return {
    mixed,
    given: terms.gate === null ? mixed : shiftLogit(mixed, terms.gate * bias),
    ensemble: {
      mix_weight: 'missing' in vote ? 1 : 1 - (terms.neighbours ?? 0),
      disagreement_penalty: 0,
      difference: 'missing' in vote ? null : Math.abs(p - vote.breakGivenTradeable),
      contributions: { tree: p, neighbours: mixed - p, shrinkage: 0 },
      reason: 'missing' in vote ? vote.missing : terms.neighbours === null ? terms.reasons.neighbours : null,
    },
    gateReason: terms.gate === null ? terms.reasons.gate : null,
  }
}

const NO_TERMS: FittedMix = {
  neighbours: null,
  gate: null,
  reasons: { neighbours: 'neighbours have no weight: the mix is none', gate: 'no weight: the mix is none' },
}
const NOT_FITTED: FittedMix = {
  neighbours: null,
  gate: null,
  reasons: {
    neighbours: 'neighbours have no weight: training fitted no mix',
    gate: 'no weight: training fitted no mix',
  },
}

/** The probability whose log odds lie `share` of the way from those of p to those of the vote; 0 and 1 stay. */
function pooled(p: number, vote: number, share: number): number {
  if (share === 0 || p <= 0 || p >= 1) return p
  const [least, most] = VOTE_RANGE
  return shiftLogit(p, share * (logit(Math.min(most, Math.max(least, vote))) - logit(p)))
}

const logit = (p: number): number => Math.log(p / (1 - p))
