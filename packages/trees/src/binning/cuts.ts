/**
 * Cuts of one column: strictly increasing 32-bit floats; the value x falls into bin `number of cuts <= x`, so that
 * "x < cuts[k]" and "bin(x) <= k" are the same question.
 *
 * `sorted` are the column's training values in ascending order without NaN (infinities allowed). With at most
 * `maxBins` distinct values every value gets its own bin. Otherwise bins hold about equally many rows: a value with
 * more rows than the mean bin ends a bin, shares it with at most half a mean bin of smaller values, and the rest share
 * the remaining bins (the greedy rule of LightGBM's GreedyFindBin). A cut lies midway between its two neighbours, rounded to 32 bits; where that is not above
 * the lower one it is the upper one. A constant or empty column has no cuts. Cost: linear.
 */
export function fitCuts(sorted: Float32Array, maxBins: number): Float32Array {
  const { values, counts } = distinct(sorted)
  if (values.length < 2) return new Float32Array(0)
  const last =
    values.length <= maxBins ? everyBoundary(values.length) : quantileBoundaries(counts, sorted.length, maxBins)
  return Float32Array.from(last, (i) => between(values[i] as number, values[i + 1] as number))
}

/** Distinct values in order and how often each occurs; -0 and 0 are one value. */
function distinct(sorted: Float32Array): { values: Float32Array; counts: Int32Array } {
  const values = new Float32Array(sorted.length)
  const counts = new Int32Array(sorted.length)
  let count = 0
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i] as number
    if (count === 0 || values[count - 1] !== value) values[count++] = value
    counts[count - 1] = (counts[count - 1] as number) + 1
  }
  return { values: values.subarray(0, count), counts: counts.subarray(0, count) }
}

/** The index of the last value of every bin but the final one, when each value is a bin. */
function everyBoundary(count: number): number[] {
  return Array.from({ length: count - 1 }, (_, i) => i)
}

/** The same indices for bins of about equal size; at most `maxBins - 1` of them. */
function quantileBoundaries(counts: Int32Array, rows: number, maxBins: number): number[] {
  const target = rows / maxBins
  const heavy = Math.ceil(target)
  let binsLeft = maxBins
  let rowsLeft = rows
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number
    if (count < heavy) continue
    binsLeft--
    rowsLeft -= count
  }
  const boundaries: number[] = []
  let inBin = 0
  // Rows that a bin should hold: what is left where it begins, over the bins left. Heavy values are counted apart.
  const meanOf = (): number => (rowsLeft > 0 && binsLeft > 0 ? rowsLeft / binsLeft : target)
  let mean = meanOf()
  for (let i = 0; i < counts.length - 1 && boundaries.length < maxBins - 1; i++) {
    const count = counts[i] as number
    const isHeavy = count >= heavy
    inBin += count
    if (!isHeavy) {
      rowsLeft -= count
      if (rowsLeft === 0) mean = target
    }
    const nextIsHeavy = (counts[i + 1] as number) >= heavy
    if (isHeavy || inBin >= mean || (nextIsHeavy && inBin >= Math.max(1, mean / 2))) {
      boundaries.push(i)
      if (!isHeavy) binsLeft--
      inBin = 0
      mean = meanOf()
    }
  }
  return boundaries
}

/** A 32-bit float c with lower < c <= upper, as near to the middle as rounding allows. */
function between(lower: number, upper: number): number {
  const middle = Math.fround(lower / 2 + upper / 2)
  return middle > lower && middle <= upper ? middle : upper
}
