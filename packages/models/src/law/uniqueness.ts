/**
 * Average uniqueness of labels (Lopez de Prado, Advances in Financial Machine Learning, 2018, section 4.4): the mean, over the
 * window that a label is decided in, of one over the number of windows open at the time. Windows are half-open, [start,
 * end), in any unit. In (0, 1]: 1 where no other window overlaps. Throws RangeError where a window is not longer than 0 or
 * the arrays differ in length. O(n log n).
 */
export function averageUniqueness(starts: ArrayLike<number>, ends: ArrayLike<number>): Float64Array {
  checkWindows(starts, ends)
  const times = Float64Array.from(new Set([...Array.from(starts), ...Array.from(ends)])).toSorted()
  const place = new Map<number, number>()
  for (const [i, time] of times.entries()) place.set(time, i)
  const change = new Float64Array(times.length)
  for (let row = 0; row < starts.length; row++) {
    const [from, to] = [place.get(starts[row] as number) as number, place.get(ends[row] as number) as number]
    change[from] = (change[from] as number) + 1
    change[to] = (change[to] as number) - 1
  }
  const shared = sharedTime(times, change)
  return Float64Array.from({ length: starts.length }, (_, row) => {
    const [start, end] = [starts[row] as number, ends[row] as number]
    return (
      ((shared[place.get(end) as number] as number) - (shared[place.get(start) as number] as number)) / (end - start)
    )
  })
}

/** By time, the integral up to it of one over the number of open windows, over the times when one is open. */
function sharedTime(times: Float64Array, change: Float64Array): Float64Array {
  const shared = new Float64Array(times.length)
  let open = 0
  for (let i = 1; i < times.length; i++) {
    open += change[i - 1] as number
    const length = (times[i] as number) - (times[i - 1] as number)
    shared[i] = (shared[i - 1] as number) + (open > 0 ? length / open : 0)
  }
  return shared
}

function checkWindows(starts: ArrayLike<number>, ends: ArrayLike<number>): void {
  if (starts.length !== ends.length) {
    throw new RangeError(
      `models: ends.length=${ends.length}: must be one per start. There are ${starts.length} starts.`,
    )
  }
  for (let row = 0; row < starts.length; row++) {
    if ((ends[row] as number) > (starts[row] as number) && Number.isFinite(ends[row])) continue
    throw new RangeError(
      `models: window ${row}: [${starts[row]}, ${ends[row]}): must be finite and end after it begins. Leave rows without a window out.`,
    )
  }
}
