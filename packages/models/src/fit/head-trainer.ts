import type { Head, HeadResult, Matrix, TrainOptions } from '@breakwater/trees'

/**
 * Trains heads on one matrix: `trainHeads` of `@breakwater/trees`, or `trainHeadsParallel` of its Node entry, which gives the
 * same bits on threads.
 */
export type HeadTrainer = (matrix: Matrix, heads: readonly Head[], options: TrainOptions) => Promise<HeadResult[]>
