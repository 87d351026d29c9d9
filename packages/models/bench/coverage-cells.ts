/** Forecasts of one question with 95% intervals and what became of them, one entry a moment; moments without an answer are left out. */
export interface Published {
  readonly name: string
  readonly p: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** 0 or 1. */
  readonly outcome: readonly number[]
  readonly session: readonly number[]
  /** Where price stands, from 0. */
  readonly place: readonly number[]
}

/** How many cells hold what was observed, and how far off they are. */
export interface CellCoverage {
  readonly cells: number
  /** Cells whose observed rate lies within 1.96 standard errors of sampling of the mean published probability. */
  readonly bySampling: number
  /** The same with the mean half of the intervals added in squares. */
  readonly byBoth: number
  /** Means over cells: of |observed - published|, and of half an interval. */
  readonly distance: number
  readonly half: number
}

const MOST_PARTS = 10
const FEWEST_ROWS = 200
const FEWEST_SESSIONS = 10
const Z = 1.959963984540054

/**
 * Cells of question x place of price x tenth of the published probability (fewer parts where a tenth would have less than 200 moments), those of ten
 * sessions or more. The truth of a moment is not known, but the rate of a cell is, up to sampling: sessions are drawn, not moments, so the variance of a cell's mean residual is that of
 * sums by session. The errors of one fit move together, so the mean of a cell is as unsure as its moments are in the mean.
 */
export function cellCoverage(questions: readonly Published[]): CellCoverage {
  const cells = questions.flatMap((question) => cellsOf(question).map((rows) => measure(question, rows)))
  const known = cells.filter((cell) => cell !== null)
  const mean = (valueOf: (cell: Cell) => number): number =>
    known.reduce((sum, cell) => sum + valueOf(cell), 0) / known.length
  return {
    cells: known.length,
    bySampling: known.filter(({ distance, error }) => distance <= Z * error).length,
    byBoth: known.filter(({ distance, error, half }) => distance <= Math.hypot(Z * error, half)).length,
    distance: mean(({ distance }) => distance),
    half: mean(({ half }) => half),
  }
}

function cellsOf({ p, place }: Published): number[][] {
  return [...new Set(place)].flatMap((one) => {
    const rows = [...place.keys()].filter((row) => place[row] === one)
    const sorted = rows.toSorted((a, b) => (p[a] as number) - (p[b] as number))
    const parts = Math.min(MOST_PARTS, Math.floor(sorted.length / FEWEST_ROWS))
    const edge = (part: number): number => Math.floor((part * sorted.length) / parts)
    return Array.from({ length: parts }, (_, part) => sorted.slice(edge(part), edge(part + 1)))
  })
}

interface Cell {
  readonly distance: number
  readonly error: number
  readonly half: number
}

function measure({ p, low, high, outcome, session }: Published, rows: readonly number[]): Cell | null {
  const bySession = new Map<number, number>()
  let half = 0
  for (const row of rows) {
    const day = session[row] as number
    bySession.set(day, (bySession.get(day) ?? 0) + (outcome[row] as number) - (p[row] as number))
    half += ((high[row] as number) - (low[row] as number)) / 2 / rows.length
  }
  const count = bySession.size
  if (count < FEWEST_SESSIONS) return null
  const sums = [...bySession.values()]
  const total = sums.reduce((a, b) => a + b, 0)
  const squares = sums.reduce((sum, one) => sum + (one - total / count) ** 2, 0)
  return {
    distance: Math.abs(total) / rows.length,
    error: Math.sqrt((squares * count) / (count - 1)) / rows.length,
    half,
  }
}

/**
 * Share of moments at which two fits of disjoint sessions agree: |logit a - logit b| <= 1.96 sqrt(s_a^2 + s_b^2), s half of an interval in log odds by
 * 1.96. Of two fits that are equally sure the right side is sqrt(2) halves. Counted where both are between 5% and 95%: farther out the
 * least width of an interval decides.
 */
export function agreement(a: Published, b: Published): { readonly agree: number; readonly asked: number } {
  let [agree, asked] = [0, 0]
  for (let row = 0; row < a.p.length; row++) {
    const [one, other] = [a.p[row] as number, b.p[row] as number]
    if (!(Math.min(one, other) >= 0.05 && Math.max(one, other) <= 0.95)) continue
    asked++
    const spread = Math.hypot(halfOf(a, row), halfOf(b, row))
    if (Math.abs(logit(one) - logit(other)) <= spread) agree++
  }
  return { agree, asked }
}

const halfOf = ({ low, high }: Published, row: number): number =>
  (logit(high[row] as number) - logit(low[row] as number)) / 2

const logit = (p: number): number => Math.log(p / (1 - p))
