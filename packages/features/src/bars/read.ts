import { setImmediate as nextTurn } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Bars } from './bars.ts'
import { describeBarProblem } from './check.ts'
import type { BarFault, RawBars } from './check.ts'
import { fetchFile, rawArrays } from './fetch.ts'
import type { FetchedFile } from './fetch.ts'
import { listBarFiles, placeInFile } from './files.ts'
import { judgeBars } from './inspect.ts'
import type { JudgeOptions, Judgement, RawFinding } from './inspect.ts'
import type { BarColumns } from './sql.ts'
import { zoneClock } from './zone.ts'

/** Options of {@link readBars}. */
export interface ReadBarsOptions extends JudgeOptions {
  /** IANA zone of times that carry none, for example 'America/New_York'. Without it such times are refused. */
  readonly timezone?: string
  /** Names of the file's columns where they differ from time, open, high, low, close and volume; volume null: nobody knows it. */
  readonly columns?: Partial<BarColumns>
  /** Stops the reading between chunks. */
  readonly signal?: AbortSignal
}

/** One file that {@link readBars} read. */
export interface BarsFile {
  readonly path: string
  readonly rows: number
  /** Name of the column that was read as the time. */
  readonly timeColumn: string
}

/** What {@link readBars} read and did. */
export interface ReadBarsReport {
  readonly rowsIn: number
  readonly rowsOut: number
  /** Bars touched by each repair; those of a rule are absent where it touched none. */
  readonly repairs: Judgement['report']['repairs']
  /** The files, in order of their first bar. */
  readonly files: readonly BarsFile[]
  /** Whether the volume is known. Without it there is no VWAP. */
  readonly hasVolume: boolean
}

/** One thing that is wrong with bars, with the file and line that shows it first. */
export interface BarFinding extends Omit<RawFinding, 'row'> {
  /** `path:line` in plain text, `path, row n` elsewhere. */
  readonly place: string
}

/** What {@link inspectBars} finds. */
export interface BarsInspection {
  /** The bars, with what is wrong row by row left out, and what was asked for repaired. */
  readonly bars: Bars
  readonly report: ReadBarsReport
  /** All that is wrong: rows first, then the rules in their order. */
  readonly findings: readonly BarFinding[]
}

const COLUMNS = ['ts', 'open', 'high', 'low', 'close', 'volume'] as const

function byFirstBar(a: FetchedFile, b: FetchedFile): number {
  const x = a.blocks[0]?.ts[0] ?? 0n
  const y = b.blocks[0]?.ts[0] ?? 0n
  if (x === y) return a.path < b.path ? -1 : 1
  return x < y ? -1 : 1
}

/** All blocks in one set of arrays; a single block is taken as it is. */
function concatenate(files: readonly FetchedFile[]): RawBars {
  const blocks = files.flatMap((file) => file.blocks)
  const [only] = blocks
  if (only !== undefined && blocks.length === 1) return only
  const raw = rawArrays(blocks.reduce((sum, { rows }) => sum + rows, 0))
  let from = 0
  for (const block of blocks) {
    for (const name of COLUMNS) {
      if (name === 'ts') raw.ts.set(block.ts, from)
      else raw[name].set(block[name], from)
    }
    from += block.rows
  }
  return raw
}

async function placeInFiles(files: readonly FetchedFile[], row: number): Promise<string> {
  let from = 0
  for (const file of files) {
    if (row < from + file.rows) return placeInFile(file.path, row - from)
    from += file.rows
  }
  return `row ${row + 1}`
}

async function fetchFiles(
  paths: string | readonly string[],
  { timezone, columns }: ReadBarsOptions,
  pause: () => Promise<void>,
): Promise<FetchedFile[]> {
  const list = await listBarFiles(paths)
  if (timezone !== undefined) zoneClock(timezone)
  const instance = await DuckDBInstance.create(':memory:')
  try {
    const connection = await instance.connect()
    const files: FetchedFile[] = []
    const options = { ...(timezone === undefined ? {} : { timezone }), ...(columns === undefined ? {} : { columns }) }
    for (const path of list) files.push(await fetchFile(connection, path, { ...options, pause }))
    connection.closeSync()
    return files.toSorted(byFirstBar)
  } finally {
    instance.closeSync()
  }
}

interface Reading {
  readonly judgement: Judgement
  readonly report: ReadBarsReport
  readonly place: (row: number) => Promise<string>
  readonly names: string
}

async function read(paths: string | readonly string[], options: ReadBarsOptions): Promise<Reading> {
  const pause = async (): Promise<void> => {
    await nextTurn()
    options.signal?.throwIfAborted()
  }
  const fetched = await fetchFiles(paths, options, pause)
  const raw = concatenate(fetched)
  // What is left of the files is where their rows are; the blocks themselves can go.
  const files = fetched.map(({ path, rows, timeColumn, hasVolume }) => ({
    path,
    rows,
    timeColumn,
    hasVolume,
    blocks: [],
  }))
  fetched.length = 0
  const hasVolume = files.every((file) => file.hasVolume)
  if (!hasVolume) raw.volume.fill(Number.NaN)
  const judgement = await judgeBars(raw, { ...options, hasVolume }, pause)
  const report = {
    ...judgement.report,
    files: files.map(({ path, rows, timeColumn }) => ({ path, rows, timeColumn })),
    hasVolume,
  }
  const names = files.map(({ path }) => path).join(', ')
  return { judgement, report, names, place: (row) => placeInFiles(files, row) }
}

const COUNTED = { row: 'row', bar: 'bar', session: 'session', place: 'place', file: 'file' } as const

/** The message of the error that refuses bars for a finding; `others` are the rules broken besides. */
function describeFinding({ rule, reason, count, counts, fix, place }: BarFinding, others: readonly string[]): string {
  const like = count === 1 ? `1 ${COUNTED[counts]}` : `${count} ${COUNTED[counts]}s`
  const more = others.length === 0 ? '' : ` Broken besides: ${others.join(', ')}.`
  return `features: bars=${place}: ${reason}; ${like} like it (rule ${rule}). ${fix}.${more}`
}

/** The message that refuses rows: the first wrong row of all, and how many rows are wrong. */
function describeRows(findings: readonly BarFinding[], rows: number): string | null {
  const first = findings.find(({ counts }) => counts === 'row')
  if (first === undefined) return null
  return describeBarProblem({ row: 0, fault: first.rule as BarFault, reason: first.reason }, rows, first.place)
}

function nothingLeft({ report, names }: Reading): RangeError {
  const { rowsIn } = report
  const why =
    rowsIn === 0
      ? 'has no bar. Give a file with rows below its header'
      : `has ${rowsIn} rows, but no usable bar. Correct the data, or name other columns with --columns`
  return new RangeError(`features: bars=${names}: ${why}.`)
}

/**
 * Reads bars as {@link readBars} does and says all that is wrong with them, instead of throwing at the first. What cannot be
 * read at all (no file, no such column, a ragged line, times without a zone) still throws; a file without a bar does not.
 */
export async function inspectBars(
  paths: string | readonly string[],
  options: ReadBarsOptions = {},
): Promise<BarsInspection> {
  const { judgement, report, place } = await read(paths, options)
  const findings: BarFinding[] = []
  for (const { row, ...finding } of judgement.findings) findings.push({ ...finding, place: await place(row) })
  return { bars: judgement.bars, report, findings }
}

/**
 * Reads one-minute bars from CSV (with a header) and Parquet: files, folders (every *.csv, *.csv.gz and *.parquet below)
 * and globs, joined in order of their first bar.
 *
 * Columns are found by name in any case: open, high, low, close, volume, and the first of ts_ns, datetime, timestamp, ts,
 * time, date as the time, which is the START of the bar. A time is text in ISO form, with an offset ('2024-02-20
 * 04:00:00-05:00', 'Z') or without; a Parquet timestamp; or a whole number since 1970 UTC (nanoseconds in a column ts_ns,
 * elsewhere the unit shows in its size). Times without a zone need `timezone`; a wall time that a clock change skips or
 * repeats is refused. The machine's own zone plays no part. A volume that nobody knows (`columns.volume` null) is NaN.
 *
 * Rows are then checked as `validateBars` says, and together by `BAR_RULES`; refusals name file, line (row in Parquet and
 * gzip), rule, reason, and the option that repairs or accepts it. Nothing to read, and nothing left after repairs, is
 * refused as well. Files are read in chunks, between which `signal` is looked at. Needs memory for the bars twice over.
 */
export async function readBars(
  paths: string | readonly string[],
  options: ReadBarsOptions = {},
): Promise<{ readonly bars: Bars; readonly report: ReadBarsReport }> {
  const reading = await read(paths, options)
  const { judgement, report, place } = reading
  const refused = judgement.findings.filter(({ verdict }) => verdict === 'refused')
  const [first, ...others] = refused
  if (first !== undefined) {
    const finding = { ...first, place: await place(first.row) }
    const rows = describeRows([finding], judgement.wrongRows)
    throw new RangeError(rows ?? describeFinding(finding, [...new Set(others.map(({ rule }) => rule))]))
  }
  if (judgement.bars.rows === 0) throw nothingLeft(reading)
  return { bars: judgement.bars, report }
}
