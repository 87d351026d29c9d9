import { readFile } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { absolute, existing, shown } from '../paths.ts'
import { createProgress } from '../progress.ts'
import { parseSweep, sweepJsonSchema } from '../sweep/config.ts'
import { sweep } from '../sweep/sweep.ts'
import { sweepTable } from '../sweep/table.ts'
import type { TrackingFlags } from '../tracking/option.ts'
import { openTracking } from '../tracking/tracking.ts'

/** Options of `trainer sweep` as commander gives them. */
export interface SweepFlags extends TrackingFlags {
  readonly config?: string
  readonly printSchema?: boolean
  readonly outputDir: string
  readonly threads?: number
  readonly schema: string
  readonly quiet?: boolean
  readonly json?: boolean
}

/** Runs `trainer sweep`. Fails where no trial has a value. */
export async function runSweep(context: Context, flags: SweepFlags): Promise<void> {
  if (flags.printSchema === true) {
    context.terminal.out(`${JSON.stringify(sweepJsonSchema(), null, 2)}\n`)
    return
  }
  if (flags.config === undefined) {
    throw new Error('trainer: --config is needed: a JSON file that says what to try. `--print-schema` describes it.')
  }
  const path = existing(context.cwd, flags.config, `missing sweep config: ${flags.config} does not exist. Write it.`)
  const config = parseSweep(await readFile(path, 'utf8'), flags.config)
  const progress = createProgress(context, flags.quiet === true)
  const folder = absolute(context.cwd, flags.outputDir)
  const swept = await sweep(context, progress, {
    config,
    folder,
    schemaPath: flags.schema,
    threads: flags.threads,
    tracking: openTracking(context, progress, flags),
  })
  const output = shown(context.cwd, folder)
  context.terminal.out(
    flags.json === true
      ? `${JSON.stringify({ ...swept, folder: output }, null, 2)}\n`
      : `${sweepTable(swept)}models and results: ${output}\n`,
  )
  if (swept.results.every(({ value }) => value === null)) throw new Error('trainer: no trial of the sweep has a value')
}
