/** One value per bar of each channel, in time order. */
export interface BarChannels {
  readonly rows: number
  /** When each bar is complete, nanoseconds since 1970 UTC: its end. Rises strictly. */
  readonly completeNs: BigInt64Array
  /** Session of each bar. A window never spans two. */
  readonly sessions: Int32Array
  readonly names: readonly string[]
  /** One array a name; NaN where a value is missing. */
  readonly values: readonly (Float64Array | Float32Array)[]
}

/** Which bars each touch sees: those of rows [from, to) that are observed. */
export interface WindowPlan {
  readonly length: number
  readonly from: Int32Array
  readonly to: Int32Array
  /** Bars of the window whose every channel is there. A touch with none has no window. */
  readonly observed: Int32Array
}

/**
 * Plans the window of each touch: the last `length` bars of its session that were complete when the touch became known
 * (`knownNs`, closed: a bar that ends at that very nanosecond is seen), and never one that was not. Plain data. Throws
 * RangeError on channels that do not fit together and on times that do not rise. Cost: touches x log bars, and bars.
 */
export function planWindows(channels: BarChannels, knownNs: BigInt64Array, length: number): WindowPlan {
  checkChannels(channels)
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new RangeError(`patchtst: length=${length}: must be a whole number of bars of at least 1.`)
  }
  const starts = sessionStarts(channels.sessions)
  const whole = wholeBefore(channels)
  const to = Int32Array.from(knownNs, (known) => countUpTo(channels.completeNs, known))
  const from = to.map((end) => (end === 0 ? 0 : Math.max(end - length, starts[end - 1] as number)))
  const observed = to.map((end, i) => (whole[end] as number) - (whole[from[i] as number] as number))
  return { length, from, to, observed }
}

/**
 * Masks of the windows of the touches at places `chosen` of a plan, (touches x length): 1 where a bar is observed, 0 for
 * padding, which lies before the bars, and for a bar of which any channel is missing. O(touches x length).
 */
export function windowMasks(channels: BarChannels, plan: WindowPlan, chosen: Int32Array): Uint8Array {
  const mask = new Uint8Array(chosen.length * plan.length)
  eachBar(channels, plan, chosen, (place) => {
    mask[place] = 1
  })
  return mask
}

/** The values of the same windows, (touches x length x channels), row-major; 0 where the mask is 0. O(values). */
export function windowValues(channels: BarChannels, plan: WindowPlan, chosen: Int32Array): Float32Array {
  const width = channels.values.length
  const x = new Float32Array(chosen.length * plan.length * width)
  eachBar(channels, plan, chosen, (place, row) => {
    for (let c = 0; c < width; c++) x[place * width + c] = channels.values[c]?.[row] as number
  })
  return x
}

/** Calls `visit` with the place in the windows, and the row, of each observed bar. */
function eachBar(
  channels: BarChannels,
  { length, from, to }: WindowPlan,
  chosen: Int32Array,
  visit: (place: number, row: number) => void,
): void {
  for (const [i, touch] of chosen.entries()) {
    const end = to[touch] as number
    for (let row = from[touch] as number; row < end; row++) {
      if (isWhole(channels, row)) visit((i + 1) * length - (end - row), row)
    }
  }
}

const isWhole = ({ values }: BarChannels, row: number): boolean =>
  values.every((channel) => Number.isFinite(channel[row] as number))

function checkChannels({ rows, completeNs, sessions, names, values }: BarChannels): void {
  const lengths = [completeNs.length, sessions.length, ...values.map((channel) => channel.length)]
  if (names.length === 0 || names.length !== values.length || lengths.some((length) => length !== rows)) {
    throw new RangeError(
      `patchtst: channels: ${names.length} names, ${values.length} channels of ${[...new Set(lengths)].join(', ')} values for ${rows} bars. Pass one name a channel and one value per bar.`,
    )
  }
  const late = completeNs.findIndex((ns, row) => row > 0 && ns <= (completeNs[row - 1] as bigint))
  if (late !== -1) {
    throw new RangeError(
      `patchtst: channels.completeNs[${late}]=${completeNs[late]}: must rise strictly. Sort the bars.`,
    )
  }
}

/** For each bar, the row of its session's first one. */
function sessionStarts(sessions: Int32Array): Int32Array {
  let start = 0
  return sessions.map((session, row) => {
    if (row > 0 && session !== sessions[row - 1]) start = row
    return start
  })
}

/** How many of the bars before each row are whole; one entry more than bars. */
function wholeBefore(channels: BarChannels): Int32Array {
  const counts = new Int32Array(channels.rows + 1)
  for (let row = 0; row < channels.rows; row++)
    counts[row + 1] = (counts[row] as number) + Number(isWhole(channels, row))
  return counts
}

/** How many of the rising times are at most `limit`. */
function countUpTo(times: BigInt64Array, limit: bigint): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] as bigint) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
