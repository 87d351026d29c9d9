import { DEFAULT_THRESHOLDS, parseHeadName, type Thresholds } from '../vocabulary/heads.ts'
import { anchorColumns, dollarsBeyond } from './columns.ts'
import { reaches } from '../vocabulary/price.ts'
import type { Table } from '../table.ts'

/** When a threshold was reached, one value of each array a table row. */
export interface ReachTimes {
  /** Seconds from the anchor by which it was reached, or for which it is known not to have been; NaN where masked. */
  readonly times: Float64Array
  /** 1 where it was reached, 0 where the window ended first. */
  readonly causes: Uint8Array
  /** 1 where the question can be asked: the price at the anchor is known and short of the threshold, a window is there. */
  readonly mask: Uint8Array
}

/** What {@link reachTimes} needs to know beside the table; the same as for `deriveHeads`. */
export interface ReachTimesOptions {
  readonly thresholds?: Thresholds
  readonly resolutionSeconds?: number
  readonly windowSeconds?: number
}

/**
 * Times to a reach head's threshold as they were seen, rows whose window was cut short included: they say that the
 * threshold was not reached until then. The label of the head leaves them out; an estimate for censored times need not.
 * A `time_to_*` of t means [t, t + resolution), so the time is t + resolution, by which it was reached for certain; at
 * horizons that are whole multiples of the resolution the two agree. Throws on a name that is not a reach head, and on an
 * absent label column. O(rows).
 */
export function reachTimes(table: Table, head: string, options: ReachTimesOptions = {}): ReachTimes {
  const { thresholds = DEFAULT_THRESHOLDS, resolutionSeconds = 60, windowSeconds = 480 } = options
  const parsed = parseHeadName(head)
  if (parsed?.question.kind !== 'reach') {
    throw new RangeError(`features: head=${head}: must be a reach head, such as t1_60s or t2_break_120s_8min.`)
  }
  const { threshold, side } = parsed.question
  const columns = anchorColumns(table, parsed.anchor, windowSeconds)
  const column = side === 'either' ? 'threshold' : side
  const time = columns.number(`time_to_${column}_${threshold}`)
  const towards = side === 'bounce' ? -1 : 1
  const beyond = dollarsBeyond(table, columns.number('anchor_spot'))
  const dollars = thresholds[threshold - 1] as number
  const times = new Float64Array(table.rows).fill(Number.NaN)
  const causes = new Uint8Array(table.rows)
  const mask = new Uint8Array(table.rows)
  for (let row = 0; row < table.rows; row++) {
    const move = (beyond[row] as number) * towards
    const window = columns.window[row] as number
    if (!(window > 0) || Number.isNaN(move) || reaches(side === 'either' ? Math.abs(move) : move, dollars)) continue
    const t = (time[row] as number) + resolutionSeconds
    mask[row] = 1
    causes[row] = Number(t <= window)
    times[row] = t <= window ? t : window
  }
  return { times, causes, mask }
}
