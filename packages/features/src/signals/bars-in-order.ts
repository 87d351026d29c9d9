import type { Bars } from '../bars/bars.ts'
import { MINUTE_NS, minuteOf } from './day.ts'
import type { MinuteBar } from './day.ts'

/** Bar `i` of a file of bars. */
export function barOf(bars: Bars, i: number): MinuteBar {
  return {
    minute: minuteOf(bars.ts[i] as bigint),
    open: bars.open[i] as number,
    high: bars.high[i] as number,
    low: bars.low[i] as number,
    close: bars.close[i] as number,
    volume: bars.volume[i] as number,
  }
}

/** Bars as columns, in the order in which they are given; a minute is cut to a whole one. Checks nothing. */
export function barsOf(list: readonly MinuteBar[]): Bars {
  const column = (name: 'open' | 'high' | 'low' | 'close' | 'volume'): Float64Array =>
    Float64Array.from(list, (bar) => bar[name])
  return {
    rows: list.length,
    ts: BigInt64Array.from(list, ({ minute }) => BigInt(Math.trunc(minute)) * MINUTE_NS),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  }
}

/** Throws RangeError unless the times are whole minutes that rise strictly. */
export function checkTimes(bars: Bars): void {
  for (let i = 0; i < bars.rows; i++) {
    const ns = bars.ts[i] as bigint
    if (ns % MINUTE_NS !== 0n || (i > 0 && ns <= (bars.ts[i - 1] as bigint))) {
      throw new RangeError(
        `features: bars.ts[${i}]=${ns}: times must be whole minutes and rise strictly. Pass the bars through validateBars.`,
      )
    }
  }
}
