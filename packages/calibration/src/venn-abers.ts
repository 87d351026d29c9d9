import type { CalibratorFit, Steps, VennAbersCalibrator } from './calibrator.ts'
import type { Values } from './check.ts'
import { fitOf, type FitRows, fitRows } from './fit-rows.ts'
import { type Block, pool, type TiedRows, tieRows } from './pooled-blocks.ts'

/**
 * Inductive Venn-ABERS (Vovk and Petej 2014; Vovk, Petej and Fedorova 2015): for a prediction s, p1 is the isotonic
 * regression at s of the rows with one more, (s, 1), and p0 with (s, 0). They bracket the probability, and
 * p = p1 / (1 - p0 + p1) is the single figure that loses least log loss in the worse case. The gap p1 - p0 says how
 * much the rows leave open. The single figure is never 0 or 1: p1 has a positive row in its block, p0 a negative one.
 *
 * p1 is constant between rows up to and with each prediction, p0 from each prediction on, so both are step functions
 * of the rows; they are found from the pooled blocks of every prefix and every suffix. No calibrator where one class
 * is present or predictions are constant. Throws on bad or no rows. O(rows log rows) on real data; the size grows with
 * the number of distinct predictions.
 */
export function fitVennAbers(predictions: Values, outcomes: Values): CalibratorFit<VennAbersCalibrator> {
  return fitOf(fitRows(predictions, outcomes), vennAbersOf)
}

/** {@link fitVennAbers} of sorted rows. */
export function vennAbersOf(rows: FitRows): CalibratorFit<VennAbersCalibrator> {
  const tied = tieRows(rows.predictions, rows.outcomes)
  const before = prefixes(tied)
  const after = suffixes(tied)
  const withLabel = (label: number): number[] =>
    Array.from(tied.x, (_, i) => {
      const group = {
        weight: (tied.weights[i] as number) + 1,
        positives: (tied.positives[i] as number) + label,
        width: 1,
      }
      return valueBetween(group, before[i] ?? null, after[i + 1] ?? null)
    })
  const x = Array.from(tied.x)
  return {
    calibrator: {
      kind: 'venn-abers',
      low: thinned(x, withLabel(0), (i, y) => y[i] !== y[i - 1]),
      high: thinned(x, withLabel(1), (i, y) => y[i] !== y[i + 1]),
    },
  }
}

/** Steps without those that change nothing. */
function thinned(
  x: readonly number[],
  y: readonly number[],
  keep: (i: number, y: readonly number[]) => boolean,
): Steps {
  const kept = [...x.keys()].filter((i) => keep(i, y))
  return { x: kept.map((i) => x[i] as number), y: kept.map((i) => y[i] as number) }
}

const blockAt = ({ weights, positives }: TiedRows, i: number): Omit<Block, 'next'> => ({
  weight: weights[i] as number,
  positives: positives[i] as number,
  width: 1,
})

/** Entry i: the pooled blocks of predictions 0 to i - 1. */
function prefixes(tied: TiedRows): (Block | null)[] {
  const tops: (Block | null)[] = [null]
  for (let i = 0; i < tied.x.length; i++) tops.push(pool(blockAt(tied, i), tops[i] ?? null, true))
  return tops
}

/** Entry i: the pooled blocks of predictions i and above, the lowest on top. */
function suffixes(tied: TiedRows): (Block | null)[] {
  const tops: (Block | null)[] = []
  tops[tied.x.length] = null
  for (let i = tied.x.length - 1; i >= 0; i--) tops[i] = pool(blockAt(tied, i), tops[i + 1] ?? null, false)
  return tops
}

/** The isotonic value of a group between pooled blocks on both sides: it swallows neighbours that are out of order. */
function valueBetween(group: Omit<Block, 'next'>, before: Block | null, after: Block | null): number {
  let { weight, positives } = group
  let [left, right] = [before, after]
  for (;;) {
    const value = positives / weight
    const taken =
      left !== null && left.positives / left.weight >= value
        ? left
        : right !== null && right.positives / right.weight <= value
          ? right
          : null
    if (taken === null) return value
    weight += taken.weight
    positives += taken.positives
    if (taken === left) left = left.next
    else right = taken.next
  }
}
