import { histogramBins } from './reference-groups.ts'
import type { Group } from './reference-groups.ts'
import type { ReferenceState } from './reference.ts'

const { fround } = Math

/** Share of S up to which missing values are ranked on the right alone where bins share cells; see the kernel. */
const FEW = 0.0625

/** What ranks a cut of one node, in 32 bits. */
export interface Ranking {
  readonly total: number
  readonly mean: number
  readonly least: number
  readonly ridge: number
}

/** The ranking of a node with these sums, and what each side of a cut needs; fixed-point units. */
export function rankingOf(gradient: number, hessian: number, minHessian: number, l2: number): Ranking {
  const s = hessian + 2 * l2
  const least = Math.max(minHessian / 2, minHessian - s / 4_194_304) + l2
  return { total: fround(s), mean: fround(gradient / s), least: fround(least), ridge: fround(l2) }
}

/** Writes the best rank of every column of some groups, in cells for `rows` rows, to `out`; `histogram` is an index into `i32`. */
export function ranksOf(
  { i32, f32 }: ReferenceState,
  groups: readonly Group[],
  histogram: number,
  out: number,
  rows: number,
  ranking: Ranking,
): void {
  for (const group of groups) {
    const { count, shared } = histogramBins(group, rows)
    const few = shared === 1 ? 0 : fround(ranking.total * FEW)
    const start = histogram + group.start
    const both = [0, 1, 2, 3].some((lane) => fround(i32[start + 2 * lane] as number) > few)
    for (let lane = 0; lane < 4; lane++) {
      const cells = start + 2 * lane
      f32[(out >> 2) + 4 * group.index + lane] = bestRank(i32, cells, count, ranking, both)
    }
  }
}

/**
 * The best rank of one column, whose cells begin at `cells` and lie 8 integers apart, with missing values right, or on both
 * sides.
 */
function bestRank(i32: Int32Array, cells: number, count: number, ranking: Ranking, both: boolean): number {
  const missingH = fround(i32[cells] as number)
  const missingG = fround(i32[cells + 1] as number)
  let h = 0
  let g = 0
  let best = 0
  for (let k = 1; k <= count; k++) {
    const cell = cells + 8 * k
    h += i32[cell] as number
    g += i32[cell + 1] as number
    const gradient = fround(g)
    const a = fround(fround(h) + ranking.ridge)
    best = larger(best, rank(gradient, a, ranking))
    if (both) best = larger(best, rank(fround(gradient + missingG), fround(a + missingH), ranking))
  }
  return best
}

const larger = (a: number, b: number): number => (a < b ? b : a)

function rank(g: number, a: number, { total, mean, least }: Ranking): number {
  const b = fround(total - a)
  if (!((b < a ? b : a) >= least)) return 0
  const d = fround(g - fround(a * mean))
  return fround(fround(d * d) / fround(a * b))
}
