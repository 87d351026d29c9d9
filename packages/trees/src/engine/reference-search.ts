import { CODES, FEW_MISSING, REQUEST, SEARCH } from './kernel.ts'
import type { ReferenceState } from './reference-state.ts'
import { BIN_WORDS, GROUP_COLUMNS, groupsOf, histogramBins, histogramWords } from './resolution.ts'
import type { Group } from './resolution.ts'

const { fround } = Math

/** See `Kernel.search`. A histogram bin of a column is two integers: hessians, then gradients. */
export function search(
  state: ReferenceState,
  from: number,
  to: number,
  histogram: number,
  parent: number,
  first: number,
  end: number,
  flags: number,
): void {
  const { i32, at } = state
  const isSet = (flag: keyof typeof SEARCH): boolean => (flags & SEARCH[flag]) !== 0
  const request = readRequest(state)
  const { rows, node, sibling } = request
  if (!isSet('everyRow')) gather(state, from, to)
  for (let block = first; block < end; block++) {
    const groups = groupsOf(state, block)
    // Scratch holds one block: its histogram lies where that of group 0 would, were the groups before it there.
    const own = isSet('keep') ? histogram >> 2 : (at.spareHistogram >> 2) - (groups[0]?.start ?? 0)
    const other = parent >> 2
    for (const group of groups) {
      const bins = own + group.start
      i32.fill(0, bins, bins + histogramWords(group, rows))
      // Groups of no column stay empty.
      for (let i = from; i < to && group.bins > 0; i++) {
        addRow(state, group, isSet('everyRow') ? i : (i32[(at.order >> 2) + i] as number), bins, rows)
      }
    }
    if (isSet('node')) ranksOf(state, groups, own, at.gains, rows, node)
    if (!isSet('sibling')) continue
    const add = (sign: number): void => {
      for (const group of groups) {
        addHistogram(i32, other + group.start, own + group.start, histogramWords(group, rows), sign)
      }
    }
    for (const group of groups) coarsen(i32, other + group.start, group, request.parentRows, rows)
    add(-1)
    ranksOf(state, groups, other, at.siblingGains, rows, sibling)
    if (!isSet('keep')) add(1)
  }
}

/** A search request, read. */
interface SearchRequest {
  readonly rows: number
  readonly parentRows: number
  readonly node: Ranking
  readonly sibling: Ranking
}

function readRequest({ f64, at }: ReferenceState): SearchRequest {
  const read = (field: keyof typeof REQUEST): number => f64[(at.request >> 3) + REQUEST[field]] as number
  const l2 = read('l2')
  return {
    rows: read('rows'),
    parentRows: read('parentRows'),
    node: rankingOf(read('gradient'), read('hessian'), read('minHessian'), l2),
    sibling: rankingOf(read('siblingGradient'), read('siblingHessian'), read('siblingMinHessian'), l2),
  }
}

function gather({ i32, at }: ReferenceState, from: number, to: number): void {
  for (let i = from, out = at.nodePacked >> 2; i < to; i++, out += 2) {
    const derivatives = (at.packed >> 2) + 2 * (i32[(at.order >> 2) + i] as number)
    i32[out] = i32[derivatives] as number
    i32[out + 1] = i32[derivatives + 1] as number
  }
}

/** Adds one row's derivatives to the histogram of a group, which is for `rows` rows and begins at `bins`. */
function addRow({ u8, i32, at }: ReferenceState, group: Group, row: number, bins: number, rows: number): void {
  const derivatives = (at.packed >> 2) + 2 * row
  const codes = at.rowBins + GROUP_COLUMNS * (row * at.groups + group.index)
  const { merged } = histogramBins(group, rows)
  for (let lane = 0; lane < GROUP_COLUMNS; lane++) {
    const bin = bins + Math.ceil((u8[codes + lane] as number) / merged) * BIN_WORDS + 2 * lane
    i32[bin] = (i32[bin] as number) + (i32[derivatives] as number)
    i32[bin + 1] = (i32[bin + 1] as number) + (i32[derivatives + 1] as number)
  }
}

/** Merges a group's histogram from the resolution for `widerRows` rows to that for `rows`. */
function coarsen(i32: Int32Array, bins: number, group: Group, widerRows: number, rows: number): void {
  const from = histogramBins(group, widerRows)
  const to = histogramBins(group, rows)
  const size = to.merged / from.merged
  if (size <= 1) return
  for (let k = 0; k < to.count; k++) {
    for (let word = 0; word < BIN_WORDS; word++) {
      let sum = 0
      for (let bin = k * size; bin < Math.min(from.count, (k + 1) * size); bin++) {
        sum += i32[bins + BIN_WORDS * (bin + 1) + word] as number
      }
      i32[bins + BIN_WORDS * (k + 1) + word] = sum
    }
  }
}

/** Adds `sign` times the `words` integers at `other` to those at `bins`. */
function addHistogram(i32: Int32Array, bins: number, other: number, words: number, sign: number): void {
  for (let i = 0; i < words; i++) i32[bins + i] = (i32[bins + i] as number) + sign * (i32[other + i] as number)
}

/** See `Kernel.column`. */
export function column({ u8, i32, at }: ReferenceState, from: number, to: number, slot: number): void {
  const bins = at.columnHistogram >> 2
  i32.fill(0, bins, bins + 4 * CODES)
  for (let i = from; i < to; i++) {
    const row = i32[(at.order >> 2) + i] as number
    const bin = bins + 4 * (u8[at.columnBins + slot * at.rows + row] as number)
    const derivatives = (at.packed >> 2) + 2 * row
    i32[bin] = (i32[bin] as number) + (i32[derivatives] as number)
    i32[bin + 1] = (i32[bin + 1] as number) + (i32[derivatives + 1] as number)
    i32[bin + 2] = (i32[bin + 2] as number) + 1
  }
}

/** What ranks a cut of one node, in 32 bits. */
interface Ranking {
  /** S = H + 2 l2. */
  readonly total: number
  /** G / S. */
  readonly mean: number
  /** Minimum of A = h + l2 on each side. */
  readonly minSide: number
  readonly l2: number
}

/** The ranking of a node with these sums, and what each side of a cut needs; fixed-point units. */
function rankingOf(gradient: number, hessian: number, minHessian: number, l2: number): Ranking {
  const s = hessian + 2 * l2
  // 32 bits of the node's sum cannot tell sides nearer than this; the cut is checked when it is located.
  const minSide = Math.max(minHessian / 2, minHessian - s / 4_194_304) + l2
  return { total: fround(s), mean: fround(gradient / s), minSide: fround(minSide), l2: fround(l2) }
}

/** Writes the best rank of every column of some groups, in histograms for `rows` rows, to `out`; `histogram` is an index into `i32`. */
function ranksOf(
  { i32, f32 }: ReferenceState,
  groups: readonly Group[],
  histogram: number,
  out: number,
  rows: number,
  ranking: Ranking,
): void {
  for (const group of groups) {
    const { count, merged } = histogramBins(group, rows)
    const few = merged === 1 ? 0 : fround(ranking.total * FEW_MISSING)
    const start = histogram + group.start
    const both = [0, 1, 2, 3].some((lane) => fround(i32[start + 2 * lane] as number) > few)
    for (let lane = 0; lane < GROUP_COLUMNS; lane++) {
      const rank = bestRank(i32, start + 2 * lane, count, ranking, both)
      f32[(out >> 2) + GROUP_COLUMNS * group.index + lane] = rank
    }
  }
}

/** The best rank of one column, whose bins begin at `bins`, with missing values right, or on both sides. */
function bestRank(i32: Int32Array, bins: number, count: number, ranking: Ranking, both: boolean): number {
  const missingH = fround(i32[bins] as number)
  const missingG = fround(i32[bins + 1] as number)
  let h = 0
  let g = 0
  let best = 0
  for (let k = 1; k <= count; k++) {
    const bin = bins + BIN_WORDS * k
    h += i32[bin] as number
    g += i32[bin + 1] as number
    const gradient = fround(g)
    const a = fround(fround(h) + ranking.l2)
    best = larger(best, rankOf(gradient, a, ranking))
    if (both) best = larger(best, rankOf(fround(gradient + missingG), fround(a + missingH), ranking))
  }
  return best
}

const larger = (a: number, b: number): number => (a < b ? b : a)

function rankOf(g: number, a: number, { total, mean, minSide }: Ranking): number {
  const b = fround(total - a)
  if (!((b < a ? b : a) >= minSide)) return 0
  const d = fround(g - fround(a * mean))
  return fround(fround(d * d) / fround(a * b))
}
