import { checkFinite, checkWithin, kept } from './check.ts'

/**
 * The vote of the neighbours of a touch. Break is given tradeable, as the tree head `direction` forecasts it: the share of
 * BREAK among neighbours that broke or bounced. The share among all neighbours, CHOP included, is another quantity and
 * must not be passed here.
 */
export interface NeighbourVote {
  /** P(break | tradeable), in [0, 1]. */
  readonly breakGivenTradeable: number
  /** How like the neighbours are, in [0, 1]; 0.6 should be within reach whatever the number of columns. */
  readonly similarity: number
  /** How much the neighbours disagree: entropy over its greatest value, so in [0, 1]. */
  readonly entropy: number
}

/** The hand-set numbers of the mix; every default is that of the original system and was fitted to nothing. */
export interface EnsembleOptions {
  /** Weight of the tree before similarity and entropy; default 0.7. */
  readonly baseWeight?: number
  /** Subtracted from the tree's weight per unit of similarity; default 0.4. */
  readonly similarityWeight?: number
  /** Added to the tree's weight per unit of entropy; default 0.4. */
  readonly entropyWeight?: number
  /** Bounds of the tree's weight, both included; default 0.2 and 0.8. */
  readonly weightRange?: readonly [number, number]
  /** Similarity from which disagreement is punished; default 0.6. */
  readonly similarFrom?: number
  /** Difference of the two probabilities from which disagreement is punished; default 0.4. */
  readonly differFrom?: number
  /** The result moves toward one half by at most this share; default 0.5. */
  readonly mostShrinkage?: number
}

/** A mixed probability, and what each part brought to it. */
export interface EnsembleResult {
  /** P(break | tradeable) of the mix, in [0, 1]. */
  readonly breakGivenTradeable: number
  /** 1 - break given tradeable. */
  readonly bounceGivenTradeable: number
  /** Weight of the tree, in [0, 1]; 1 where the neighbours have no vote. */
  readonly mixWeight: number
  /** |tree - neighbours|; null without neighbours. */
  readonly difference: number | null
  /** Share by which the mix moved toward one half, 0 where the two agree. */
  readonly disagreementPenalty: number
  /** Their sum is the mixed probability. */
  readonly contributions: {
    /** weight x tree. */
    readonly tree: number
    /** (1 - weight) x neighbours. */
    readonly neighbours: number
    /** What the shrinkage toward one half added. */
    readonly shrinkage: number
  }
  /** Why the neighbours have no vote; null where they have one. */
  readonly reason: string | null
}

/**
 * Mixes P(break | tradeable) of the trees with that of the neighbours. The weight of the tree is
 * w = 0.7 - 0.4 similarity + 0.4 entropy kept in [0.2, 0.8], the mix w tree + (1 - w) neighbours. Where similarity is at
 * least 0.6 and the two differ by at least 0.4, the mix moves toward one half by the share min(0.5, difference / 2): both
 * sound sure and cannot both be right.
 *
 * Without neighbours (null: no history of such a level, none tradeable) the tree stands alone, and `reason` repeats why.
 * Throws on values outside their ranges; NaN is outside. O(1).
 */
export function mixBreak(
  tree: number,
  neighbours: NeighbourVote | { readonly missing: string },
  options: EnsembleOptions = {},
): EnsembleResult {
  checkWithin('tree', tree, [0, 1], 'Pass the calibrated probability of the direction head.')
  const settings = settingsOf(options)
  if ('missing' in neighbours) return alone(tree, neighbours.missing)
  const { breakGivenTradeable: vote, similarity, entropy } = neighbours
  checkWithin('neighbours.breakGivenTradeable', vote, [0, 1], 'Pass { missing } where no neighbour was tradeable.')
  checkWithin('neighbours.similarity', similarity, [0, 1], 'Is it a distance?')
  checkWithin('neighbours.entropy', entropy, [0, 1], 'Divide it by the logarithm of the number of outcomes.')
  const { baseWeight, similarityWeight, entropyWeight, weightRange } = settings
  const weight = kept(baseWeight - similarityWeight * similarity + entropyWeight * entropy, ...weightRange)
  const mixed = weight * tree + (1 - weight) * vote
  const difference = Math.abs(tree - vote)
  const clash = similarity >= settings.similarFrom && difference >= settings.differFrom
  const penalty = clash ? Math.min(settings.mostShrinkage, difference / 2) : 0
  const shrinkage = penalty === 0 ? 0 : penalty * (0.5 - mixed)
  const breakGivenTradeable = kept(mixed + shrinkage, 0, 1)
  return {
    breakGivenTradeable,
    bounceGivenTradeable: 1 - breakGivenTradeable,
    mixWeight: weight,
    difference,
    disagreementPenalty: penalty,
    contributions: { tree: weight * tree, neighbours: (1 - weight) * vote, shrinkage },
    reason: null,
  }
}

function alone(tree: number, reason: string): EnsembleResult {
  return {
    breakGivenTradeable: tree,
    bounceGivenTradeable: 1 - tree,
    mixWeight: 1,
    difference: null,
    disagreementPenalty: 0,
    contributions: { tree, neighbours: 0, shrinkage: 0 },
    reason,
  }
}

function settingsOf({
  baseWeight = 0.7,
  similarityWeight = 0.4,
  entropyWeight = 0.4,
  weightRange = [0.2, 0.8],
  similarFrom = 0.6,
  differFrom = 0.4,
  mostShrinkage = 0.5,
}: EnsembleOptions): Required<EnsembleOptions> {
  const hint = 'See EnsembleOptions.'
  for (const [name, value] of Object.entries({ baseWeight, similarityWeight, entropyWeight })) {
    checkFinite(`options.${name}`, value, hint)
  }
  checkWithin('options.weightRange[0]', weightRange[0], [0, 1], hint)
  checkWithin('options.weightRange[1]', weightRange[1], [weightRange[0], 1], hint)
  checkWithin('options.mostShrinkage', mostShrinkage, [0, 1], hint)
  checkWithin('options.similarFrom', similarFrom, [0, Number.POSITIVE_INFINITY], hint)
  checkWithin('options.differFrom', differFrom, [0, Number.POSITIVE_INFINITY], hint)
  return { baseWeight, similarityWeight, entropyWeight, weightRange, similarFrom, differFrom, mostShrinkage }
}
