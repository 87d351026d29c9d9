/** Feature stages: `stage_a` is core physics with level kind and direction, `stage_b` adds everything else. */
export const STAGES = ['stage_a', 'stage_b'] as const
/** One of {@link STAGES}. */
export type Stage = (typeof STAGES)[number]

/** Feature families that an ablation keeps: all, those derived from bars, or those of order book, tape and options. */
export const ABLATIONS = ['full', 'ta', 'mechanics'] as const
/** One of {@link ABLATIONS}. */
export type Ablation = (typeof ABLATIONS)[number]
