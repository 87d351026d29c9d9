import { barsOf } from '../signals/bars-in-order.ts'
import type { MinuteBar } from '../signals/day.ts'
import { describeBarProblem } from './check.ts'
import type { BarFault } from './check.ts'
import { judgeBars } from './inspect.ts'
import type { BarRuleName } from './rules.ts'

/**
 * Holds bars that a program passes in to the rules for bars of a file, `BAR_RULES`; a volume must be known. Throws RangeError
 * on the first breach that is not accepted, naming the bar's time, the rule and what accepts it. No bar at all is sound.
 * Cost: some passes over the bars.
 */
export async function checkBarRules(
  bars: readonly MinuteBar[],
  accept: readonly BarRuleName[] | 'all' = [],
): Promise<void> {
  const raw = barsOf(bars)
  const { findings, wrongRows } = await judgeBars(raw, { accept, hasVolume: true }, () => Promise.resolve())
  const first = findings.find(({ verdict }) => verdict === 'refused')
  if (first === undefined) return
  const { rule, reason, row, counts } = first
  const place = `bar ${row + 1} of ${bars.length}, ${timeOf(bars[row])}`
  if (counts === 'row') {
    throw new RangeError(describeBarProblem({ row, fault: rule as BarFault, reason }, wrongRows, place))
  }
  throw new RangeError(`features: bars=${place}: ${reason} (rule ${rule}). Correct the bars, or accept '${rule}'.`)
}

const timeOf = (bar: MinuteBar | undefined): string =>
  bar !== undefined && Number.isSafeInteger(bar.minute) && Math.abs(bar.minute) < 1e8
    ? new Date(bar.minute * 60_000).toISOString()
    : 'without a time'
