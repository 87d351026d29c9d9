import { join } from 'node:path'
import { inspectBars } from '@breakwater/features/parquet'
import type { BarFinding, BarsInspection } from '@breakwater/features/parquet'
import { newYorkCalendar } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import { type BarsReading, readOptionsOf } from '@breakwater/models'
import { renderBarsPage } from '@breakwater/report'
import type { Context } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { noteReplacedFiles } from '../versions/replaced.ts'

/** Which bars to check, and how they would be read. */
export interface CheckRequest {
  readonly bars: readonly string[]
  readonly reading: BarsReading
  readonly outputDir: string
}

/** What is wrong with bars. */
export interface BarsCheck {
  /** Whether `signals` would take them with the same options. */
  readonly accepted: boolean
  readonly files: readonly string[]
  readonly rows: number
  readonly bars: number
  readonly firstDate: string | null
  readonly lastDate: string | null
  readonly hasVolume: boolean
  /** Bars that each repair touches; those of none are left out. */
  readonly repairs: Readonly<Record<string, number>>
  readonly findings: readonly Omit<BarFinding, 'times'>[]
  /** The page. */
  readonly html: string
}

/** Reads bars as `signals` would, says all that is wrong with them, and writes a page that shows where. */
export async function checkBars(context: Context, progress: Progress, request: CheckRequest): Promise<BarsCheck> {
  const { cwd, signal } = context
  const step = progress.step('check bars', 1)
  const paths = request.bars.map((path) => absolute(cwd, path))
  const inspection = await inspectBars(paths, { ...readOptionsOf(request.reading), signal })
  step.end(`${inspection.report.rowsIn} rows`)
  const check = summary(cwd, inspection, join(absolute(cwd, request.outputDir), 'bars.html'))
  const page = await renderBarsPage({ ...check, bars: inspection.bars, findings: inspection.findings })
  noteReplacedFiles(context, progress, [absolute(cwd, check.html)])
  await replaceFile(absolute(cwd, check.html), page, { signal })
  return check
}

function summary(cwd: string, { bars, report, findings }: BarsInspection, html: string): BarsCheck {
  const calendar = newYorkCalendar()
  const dateAt = (row: number): string | null => {
    const ns = bars.ts.at(row)
    return ns === undefined ? null : calendar.dateOf(ns)
  }
  return {
    accepted: bars.rows > 0 && findings.every(({ verdict }) => verdict !== 'refused'),
    files: report.files.map(({ path }) => shown(cwd, path)),
    rows: report.rowsIn,
    bars: bars.rows,
    firstDate: dateAt(0),
    lastDate: dateAt(-1),
    hasVolume: report.hasVolume,
    repairs: Object.fromEntries(Object.entries(report.repairs).filter(([, count]) => count > 0)),
    findings: findings.map(({ times: _times, ...finding }) => ({ ...finding, place: shownPlace(cwd, finding.place) })),
    html: shown(cwd, html),
  }
}

/** A place with its path as a person in `cwd` would write it. */
function shownPlace(cwd: string, place: string): string {
  const [, path = place, where = ''] = /^(.*?)((?::\d+|, row \d+)?)$/.exec(place) ?? []
  return `${shown(cwd, path)}${where}`
}
