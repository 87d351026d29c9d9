import type { Groups } from './twin-search.ts'
import type { TwinState } from './twin.ts'

const { fround } = Math

/** What ranks a cut of one node, in 32 bits. */
export interface Ranking {
  /** Rows of the node: how many of the cuts are ranked depends on them. */
  readonly rows: number
  readonly total: number
  readonly mean: number
  readonly least: number
  readonly ridge: number
}

/** The ranking of a node with these sums, and what each side of a cut needs; fixed-point units. */
export function rankingOf(rows: number, gradient: number, hessian: number, leastHessian: number, l2: number): Ranking {
  const s = hessian + 2 * l2
  const least = Math.max(leastHessian / 2, leastHessian - s / 4_194_304) + l2
  return { rows, total: fround(s), mean: fround(gradient / s), least: fround(least), ridge: fround(l2) }
}

/** Writes the best rank of every column of some groups to `out`; `histogram` is an index into 32-bit integers. */
export function ranksOf(
  { i32, f32, at }: TwinState,
  groups: Groups,
  histogram: number,
  out: number,
  ranking: Ranking,
): void {
  for (let group = groups.first; group < groups.end; group++) {
    const cells = histogram + (i32[(at.groupStart >> 2) + group] as number) * 8
    const bins = i32[(at.groupBins >> 2) + group] as number
    for (let lane = 0; lane < 4; lane++) {
      f32[(out >> 2) + 4 * group + lane] = bestRank(i32, cells + 2 * lane, bins, ranking)
    }
  }
}

/** The best rank of one column, whose cells begin at `cells` and lie 8 integers apart. */
function bestRank(i32: Int32Array, cells: number, bins: number, ranking: Ranking): number {
  const missingH = fround(i32[cells] as number)
  const missingG = fround(i32[cells + 1] as number)
  let h = 0
  let g = 0
  let best = 0
  const step = stepFor(bins, ranking.rows)
  for (let bin = 1; bin <= bins; bin++) {
    const cell = cells + 8 * bin
    h += i32[cell] as number
    g += i32[cell + 1] as number
    if (bin % step !== 0 && bin < bins) continue
    const gradient = fround(g)
    const a = fround(fround(h) + ranking.ridge)
    best = larger(best, rank(gradient, a, ranking))
    best = larger(best, rank(fround(gradient + missingG), fround(a + missingH), ranking))
  }
  return best
}

/** Every how many bins a cut is ranked; the kernel says why. */
function stepFor(bins: number, rows: number): number {
  if (bins <= 64 || rows >= 2 * bins) return 1
  return rows >= bins ? 2 : 4
}

const larger = (a: number, b: number): number => (a < b ? b : a)

function rank(g: number, a: number, { total, mean, least }: Ranking): number {
  const b = fround(total - a)
  if (!((b < a ? b : a) >= least)) return 0
  const d = fround(g - fround(a * mean))
  return fround(fround(d * d) / fround(a * b))
}
