import type { TwinState } from './twin.ts'

const { fround } = Math

/** What ranks a cut of one node, in 32 bits. */
interface Ranking {
  readonly total: number
  readonly mean: number
  readonly least: number
  readonly ridge: number
}

/** See `Kernel.scan`. */
export function scan(
  state: TwinState,
  histogram: number,
  sibling: number,
  mode: number,
  firstGroup: number,
  endGroup: number,
  gradient: number,
  hessian: number,
  l2: number,
  leastHessian: number,
): void {
  const { i32, f32, at } = state
  const s = hessian + 2 * l2
  const least = Math.max(leastHessian / 2, leastHessian - s / 4_194_304) + l2
  const ranking = { total: fround(s), mean: fround(gradient / s), least: fround(least), ridge: fround(l2) }
  for (let group = firstGroup; group < endGroup; group++) {
    const first = (i32[(at.groupStart >> 2) + group] as number) * 8
    const bins = i32[(at.groupBins >> 2) + group] as number
    const cells = (histogram >> 2) + first
    if (mode !== 0) subtract(i32, cells, (sibling >> 2) + first, 8 * (bins + 1))
    for (let lane = 0; lane < 4; lane++) {
      f32[(at.gains >> 2) + 4 * group + lane] = bestRank(i32, cells + 2 * lane, bins, ranking)
    }
    if (mode === 2) subtract(i32, cells, (sibling >> 2) + first, 8 * (bins + 1), -1)
  }
}

function subtract(i32: Int32Array, cells: number, other: number, count: number, sign = 1): void {
  for (let i = 0; i < count; i++) i32[cells + i] = (i32[cells + i] as number) - sign * (i32[other + i] as number)
}

/** The best rank of one column, whose cells begin at `cells` and lie 8 integers apart. */
function bestRank(i32: Int32Array, cells: number, bins: number, ranking: Ranking): number {
  const missingH = fround(i32[cells] as number)
  const missingG = fround(i32[cells + 1] as number)
  let h = 0
  let g = 0
  let best = 0
  for (let cell = cells + 8; cell <= cells + 8 * bins; cell += 8) {
    h += i32[cell] as number
    g += i32[cell + 1] as number
    const gradient = fround(g)
    const a = fround(fround(h) + ranking.ridge)
    best = larger(best, rank(gradient, a, ranking))
    best = larger(best, rank(fround(gradient + missingG), fround(a + missingH), ranking))
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
