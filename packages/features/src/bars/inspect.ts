import type { Bars } from './bars.ts'
import { newYorkCalendar } from './calendar.ts'
import { beginRowCheck, faultFix } from './check.ts'
import type { BarFault, RawBars } from './check.ts'
import { viewBars } from './days.ts'
import { adjustUnits, clipWicks, dropRows } from './repair.ts'
import { BAR_RULES } from './rules.ts'
import type { BarRule, BarRuleName } from './rules.ts'
import { copiedSessions } from './time-rules.ts'
import type { Breach } from './time-rules.ts'
import { mendBars } from './validate.ts'
import type { BarRepairs, BarsReport } from './validate.ts'

/** How bars are judged, and what is mended. */
export interface JudgeOptions {
  /** Mend single rows and bars that can be mended, and drop copied sessions. Default false. */
  readonly repair?: boolean
  /** Bring prices (and volumes) before a split or change of unit to the unit after it. Default false. */
  readonly adjust?: boolean
  /** What the stamps of the data are; those at the end of a bar are moved to its start. Default 'start'. */
  readonly stamps?: 'start' | 'end'
  /** What the prices of the data are; cents become dollars. Default 'dollars'. */
  readonly priceUnit?: 'dollars' | 'cents'
  /** Rules whose breach is no reason to refuse; 'all' for every one. Default none. */
  readonly accept?: readonly BarRuleName[] | 'all'
}

/** Bars touched by each repair of a rule; absent where none was. */
export interface RuleRepairs {
  /** Bars moved from the end of their minute to its start. */
  readonly shifted?: number
  /** Bars whose prices were turned from cents into dollars. */
  readonly fromCents?: number
  /** Bars brought to the unit after a split or change of unit. */
  readonly adjusted?: number
  /** Bars dropped because they stand apart, or because of their volume. */
  readonly implausible?: number
  /** Bars whose high or low was brought back to open and close. */
  readonly clipped?: number
  /** Bars dropped because their session is a copy of an earlier one. */
  readonly copied?: number
}

/** One thing that is wrong with bars. */
export interface RawFinding {
  readonly rule: BarFault | BarRuleName
  /** The first row, of the raw bars, that shows it. */
  readonly row: number
  /** How many there are, and of what. */
  readonly count: number
  readonly counts: BarRule['counts'] | 'row'
  readonly reason: string
  /** What to do about it. */
  readonly fix: string
  /** `refused`; `accepted` by an option; `note`: told, never refused. */
  readonly verdict: 'refused' | 'accepted' | 'note'
  /** Starts of the bars that show it, in nanoseconds; at most 200, of the data as mended. */
  readonly times: readonly bigint[]
}

/** Bars with all that was found. */
export interface Judgement {
  /** Bars with what was asked for mended; rows that are refused are left out. */
  readonly bars: Bars
  readonly report: Omit<BarsReport, 'repairs'> & { readonly repairs: BarRepairs & RuleRepairs }
  readonly findings: readonly RawFinding[]
  /** Rows that are refused by themselves; one with several faults counts once. */
  readonly wrongRows: number
}

/** Times that a finding names at most. */
const MAX_TIMES = 200
/** What a repair uncovers is repaired as well, so many times. */
const MAX_PASSES = 3
const CHECKED_ROWS = 250_000
const MINUTE_NS = 60_000_000_000n
const CENTS = 100

/** Called between pieces of work, so that a caller can do other things, or throw to stop. */
export type Pause = () => Promise<void>

type Mended = Pick<Judgement, 'bars'> & { readonly origin: Uint32Array | null }

/** Bars, the raw rows they come from (null: the same ones), and what was done to them so far. */
interface Judging extends Mended {
  readonly repairs: Required<RuleRepairs>
}

function shiftToStart({ ts }: RawBars): number {
  let shifted = 0
  for (let row = 0; row < ts.length; row++) {
    // A missing time stays the smallest one.
    if ((ts[row] as bigint) <= 0n) continue
    ts[row] = (ts[row] as bigint) - MINUTE_NS
    shifted += 1
  }
  return shifted
}

function fromCents(raw: RawBars): number {
  for (const values of [raw.open, raw.high, raw.low, raw.close]) {
    for (let row = 0; row < raw.rows; row++) values[row] = (values[row] as number) / CENTS
  }
  return raw.rows
}

const fixOf = ({ name, repair }: BarRule): string =>
  repair === null
    ? `Correct the data, or accept it with --accept ${name}`
    : `Repair it with ${repair}, or accept it with --accept ${name}`

function findingOf(rule: BarRule, { rows, reason }: Breach, state: Mended, accept: JudgeOptions['accept']): RawFinding {
  const isAccepted = accept === 'all' || accept?.includes(rule.name) === true
  const [first = 0] = rows
  return {
    rule: rule.name,
    row: state.origin?.[first] ?? first,
    count: rows.length,
    counts: rule.counts,
    reason,
    fix: fixOf(rule),
    verdict: rule.isNote ? 'note' : isAccepted ? 'accepted' : 'refused',
    times: rows.slice(0, MAX_TIMES).map((row) => state.bars.ts[row] as bigint),
  }
}

/** The bars with the breach of a rule mended, or null where that was not asked for or cannot be. */
function mend(rule: BarRule, { rows }: Breach, state: Judging, { repair, adjust }: JudgeOptions): Judging | null {
  const { bars, origin, repairs } = state
  const counted = (name: keyof RuleRepairs, count: number, mended: Mended): Judging => ({
    ...mended,
    repairs: { ...repairs, [name]: repairs[name] + count },
  })
  if (rule.name === 'unit-change' && adjust === true) {
    const adjusted = adjustUnits(viewBars(bars, newYorkCalendar()), rule.limit)
    return adjusted === null ? null : counted('adjusted', adjusted, { bars, origin })
  }
  if (rule.repair !== '--repair' || repair !== true) return null
  if (rule.name === 'wick') return counted('clipped', clipWicks(bars, rows), { bars, origin })
  if (rule.name !== 'duplicate-session') return counted('implausible', rows.length, dropRows(state, rows))
  const copies = copiedSessions(viewBars(bars, newYorkCalendar()), rule.limit)
  const copied = copies.flatMap(([, { from, to }]) => Array.from({ length: to - from }, (_, i) => from + i))
  return counted('copied', copied.length, dropRows(state, copied))
}

async function judgeRows(
  raw: RawBars,
  options: { readonly repair: boolean; readonly hasVolume: boolean },
  pause: Pause,
): Promise<{
  readonly findings: RawFinding[]
  readonly mended: Mended
  readonly report: BarsReport
  readonly total: number
}> {
  const check = beginRowCheck(raw, options)
  for (let to = 0; to < raw.rows;) {
    to = Math.min(raw.rows, to + CHECKED_ROWS)
    check.checkTo(to)
    await pause()
  }
  const findings = check.byFault.map(({ row, fault, reason, total }): RawFinding => {
    const shared = { rule: fault, row, count: total, counts: 'row', reason, fix: faultFix(fault) } as const
    return { ...shared, verdict: 'refused', times: [raw.ts[row] as bigint] }
  })
  const isWhole = check.total === 0 && !options.repair
  if (isWhole) {
    const repairs = { dropped: 0, sorted: 0, duplicates: 0, widened: 0 }
    const report = { rowsIn: raw.rows, rowsOut: raw.rows, repairs }
    return { findings, mended: { bars: raw, origin: null }, report, total: 0 }
  }
  const mending = mendBars(raw, { hasVolume: options.hasVolume, without: check.beyondRepair })
  for (;;) {
    const step = mending.next()
    if (step.done === true) {
      const { bars, origin, report } = step.value
      return { findings, mended: { bars, origin }, report, total: check.total }
    }
    await pause()
  }
}

/**
 * Looks at raw bars row by row, mends what was asked for, and looks at what is left by {@link BAR_RULES}, mending as it goes.
 * Nothing is thrown: the caller decides what a finding of verdict `refused` means. Writes `raw`. Cost: some passes over the
 * bars, with `pause` awaited between them.
 */
export async function judgeBars(
  raw: RawBars,
  options: JudgeOptions & { readonly hasVolume: boolean },
  pause: Pause,
): Promise<Judgement> {
  const shifted = options.stamps === 'end' ? shiftToStart(raw) : 0
  const cents = options.priceUnit === 'cents' ? fromCents(raw) : 0
  const { repair = false, hasVolume } = options
  const rows = await judgeRows(raw, { repair, hasVolume }, pause)
  const findings = [...rows.findings]
  const repairs = { shifted, fromCents: cents, adjusted: 0, implausible: 0, clipped: 0, copied: 0 }
  let state: Judging = { ...rows.mended, repairs }
  let view = viewBars(state.bars, newYorkCalendar())
  for (const rule of BAR_RULES) {
    for (let pass = 1; ; pass++) {
      await pause()
      const breach = rule.find(view, rule.limit)
      if (breach === null) break
      const finding = findingOf(rule, breach, state, options.accept)
      const mended = finding.verdict === 'refused' && pass <= MAX_PASSES ? mend(rule, breach, state, options) : null
      if (mended === null) {
        findings.push(finding)
        break
      }
      state = mended
      view = viewBars(state.bars, newYorkCalendar())
    }
  }
  const counted = Object.entries(state.repairs).filter(([, count]) => count > 0)
  const { report } = rows
  return {
    bars: state.bars,
    report: {
      ...report,
      rowsOut: state.bars.rows,
      repairs: { ...report.repairs, ...(Object.fromEntries(counted) as RuleRepairs) },
    },
    findings,
    wrongRows: rows.total,
  }
}
