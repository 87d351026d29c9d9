import type { Bars, SignalSettings, SignalsReport, Table } from '@breakwater/features'
import { buildSignals, signalBatches } from '@breakwater/features'
import { readBars, readTable, writeBatches } from '@breakwater/features/parquet'
import type { ReadBarsReport } from '@breakwater/features/parquet'
import { BARS_KEY, type BarsReading, type BarsSource, readOptionsOf, SETTINGS_KEY } from '@breakwater/models'
import type { Context } from '../context.ts'
import { absolute, existing, shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'
import { noteReplacedFiles } from '../versions/replaced.ts'

/** What `makeSignals` reads and writes. */
export interface MakeRequest {
  readonly bars: readonly string[]
  readonly physics?: string | undefined
  readonly reading: BarsReading
  readonly output: string
  readonly settings: Partial<SignalSettings>
}

/** What was made. */
export interface MadeSignals {
  readonly output: string
  readonly rows: number
  readonly sessions: number
  readonly firstDate: string | null
  readonly lastDate: string | null
  readonly files: readonly string[]
  readonly repairs: ReadBarsReport['repairs']
  /** false where the bars had no volume, so that there is no VWAP; else absent. */
  readonly hasVolume?: boolean
  readonly report: SignalsReport
}

/** Rows that are built and written at a time: memory is needed for so many, and an interrupt waits for so many. */
const BATCH_ROWS = 2048

/** Reads bars, and physics where there are any, builds the signals and writes them with their settings in the footer. */
export async function makeSignals(context: Context, progress: Progress, request: MakeRequest): Promise<MadeSignals> {
  const { cwd, signal } = context
  const { reading } = request
  const physics = await readPhysics(context, request.physics)
  const { bars, report: barsReport } = await readBars(
    request.bars.map((path) => absolute(cwd, path)),
    { ...readOptionsOf(reading), signal },
  )
  if (!barsReport.hasVolume) progress.note('no volume: VWAP, and the touches of it, are absent')
  const step = progress.step(`signals from ${bars.rows} bars`, bars.rows)
  const { batches, settings, report } = signalBatches(
    bars,
    { ...request.settings, ...(physics === undefined ? {} : { physics }) },
    BATCH_ROWS,
  )
  const output = absolute(cwd, request.output)
  const files = barsReport.files.map(({ path }) => shown(cwd, path))
  let rows = 0
  const watched = function* (): Generator<Table, void> {
    for (const table of batches) {
      rows += table.rows
      const { preMarket, regular } = report().bars
      step.update(preMarket + regular, `${rows} touches`)
      yield table
    }
    if (rows === 0) yield emptyTable(report(), files)
  }
  noteReplacedFiles(context, progress, [output])
  await writeBatches(output, watched(), {
    metadata: {
      [SETTINGS_KEY]: JSON.stringify(settings),
      [BARS_KEY]: JSON.stringify(sourceOf(files, reading, barsReport.repairs)),
    },
    signal,
  })
  step.end(`${rows} touches`)
  const found = report()
  const { dates } = found
  return {
    output: shown(cwd, output),
    rows,
    sessions: found.sessions,
    firstDate: dates[0] ?? null,
    lastDate: dates.at(-1) ?? null,
    files,
    repairs: barsReport.repairs,
    ...(barsReport.hasVolume ? {} : { hasVolume: false }),
    report: found,
  }
}

/** A table without a touch; throws where there was not even a session to look for one in. */
function emptyTable({ sessions }: SignalsReport, files: readonly string[]): Table {
  if (sessions > 0) return buildSignals(NO_BARS).table
  throw new RangeError(
    `trainer: ${files.join(', ')}: no bar lies in a regular session (09:30 to 16:00 New York), so there is nothing to find. ` +
      'Give one-minute bars of trading hours; if they are, the time zone is wrong: see --timezone.',
  )
}

const NO_BARS: Bars = {
  rows: 0,
  ts: new BigInt64Array(0),
  open: new Float64Array(0),
  high: new Float64Array(0),
  low: new Float64Array(0),
  close: new Float64Array(0),
  volume: new Float64Array(0),
}

/** What the footer says of the bars; repairs where there were some. */
function sourceOf(files: readonly string[], reading: BarsReading, repairs: ReadBarsReport['repairs']): BarsSource {
  const counts = Object.entries(repairs).filter(([, count]) => count > 0)
  return { files, ...reading, ...(counts.length === 0 ? {} : { repairs: Object.fromEntries(counts) }) }
}

async function readPhysics({ cwd }: Context, path: string | undefined): Promise<Table | undefined> {
  if (path === undefined) return undefined
  const file = existing(
    cwd,
    path,
    `missing physics file: ${path} does not exist. Pass its path with --physics, or leave it out.`,
  )
  return (await readTable(file)).table
}
