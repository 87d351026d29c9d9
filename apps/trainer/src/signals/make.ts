import type { SignalSettings, SignalsReport, Table } from '@breakwater/features'
import { buildSignals } from '@breakwater/features'
import { readBars, readTable, writeTable } from '@breakwater/features/parquet'
import type { ReadBarsReport } from '@breakwater/features/parquet'
import { BARS_KEY, type BarsSource, SETTINGS_KEY } from '@breakwater/models'
import type { Context } from '../context.ts'
import { absolute, existing, shown } from '../paths.ts'
import type { Progress } from '../progress.ts'

/** What `makeSignals` reads and writes. */
export interface MakeRequest {
  readonly bars: readonly string[]
  readonly physics?: string | undefined
  readonly timezone?: string | undefined
  readonly repair?: boolean
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
  readonly report: SignalsReport
}

/** Reads bars, and physics where there are any, builds the signals and writes them with their settings in the footer. */
export async function makeSignals(context: Context, progress: Progress, request: MakeRequest): Promise<MadeSignals> {
  const { cwd } = context
  const physics = await readPhysics(context, request.physics)
  const { bars, report: barsReport } = await readBars(
    request.bars.map((path) => absolute(cwd, path)),
    {
      ...(request.timezone === undefined ? {} : { timezone: request.timezone }),
      ...(request.repair === undefined ? {} : { repair: request.repair }),
    },
  )
  context.signal.throwIfAborted()
  const step = progress.step(`signals from ${bars.rows} bars`, 1)
  const { table, report, settings } = buildSignals(bars, {
    ...request.settings,
    ...(physics === undefined ? {} : { physics }),
  })
  const output = absolute(cwd, request.output)
  const files = barsReport.files.map(({ path }) => shown(cwd, path))
  const source: BarsSource = { files, timezone: request.timezone, repair: request.repair === true }
  context.signal.throwIfAborted()
  await writeTable(output, table, {
    metadata: { [SETTINGS_KEY]: JSON.stringify(settings), [BARS_KEY]: JSON.stringify(source) },
    signal: context.signal,
  })
  step.end(`${table.rows} touches`)
  const { dates } = report
  return {
    output: shown(cwd, output),
    rows: table.rows,
    sessions: report.sessions,
    firstDate: dates[0] ?? null,
    lastDate: dates.at(-1) ?? null,
    files,
    repairs: barsReport.repairs,
    report,
  }
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
