import type { OperatingPoint } from '../documents/figures.ts'

/** Cuts are at so many equal shares of the rows at most. */
const MOST_POINTS = 50

/**
 * What acting on every row forecast at a threshold or above would have met, by falling threshold: about 50 cuts at equal shares of the
 * rows, none within tied forecasts, the last of all rows. Empty where the outcomes are of one class. O(rows log rows).
 */
export function operatingPoints(p: Float64Array, y: Float64Array): OperatingPoint[] {
  const rows = p.length
  const positives = y.reduce((sum, value) => sum + value, 0)
  if (positives === 0 || positives === rows) return []
  const order = Array.from(p.keys()).toSorted((a, b) => (p[b] as number) - (p[a] as number))
  const step = Math.max(1, Math.floor(rows / MOST_POINTS))
  const points: OperatingPoint[] = []
  let [hits, last] = [0, 0]
  for (const [i, row] of order.entries()) {
    hits += y[row] as number
    const taken = i + 1
    const next = order[taken]
    const isTied = next !== undefined && p[next] === p[row]
    if (isTied || (taken < rows && taken - last < step)) continue
    last = taken
    points.push({
      threshold: p[row] as number,
      share: taken / rows,
      precision: hits / taken,
      recall: hits / positives,
      false_positive_rate: (taken - hits) / (rows - positives),
    })
  }
  return points
}
