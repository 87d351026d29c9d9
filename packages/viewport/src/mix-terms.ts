/** How neighbours and gate enter P(break | tradeable): not at all, by the terms that training fitted, or by the hand-set formulas. */
export const MIX_KINDS = ['none', 'fitted', 'documented'] as const
/** One of {@link MIX_KINDS}. */
export type MixKind = (typeof MIX_KINDS)[number]

/** Terms of a mix that was fitted to forecasts out of fold. */
export interface FittedMix {
  /**
   * How far the log odds of P(break | tradeable) move to those of the neighbours, 0 for not at all and 1 for all the way; null where the term is
   * left out.
   */
  readonly neighbours: number | null
  /** Factor on the gate's bias, 1 for the hand-set one; null where the term is left out. */
  readonly gate: number | null
  /** Why each term is used or left out. */
  readonly reasons: { readonly neighbours: string; readonly gate: string }
}
