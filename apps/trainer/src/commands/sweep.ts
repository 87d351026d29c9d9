import { METRICS } from '@breakwater/calibration'
import { sweepTable } from '@breakwater/report'
import { readFile } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { absolute, DEFAULTS, existing, shown } from '../paths.ts'
import { addWorkersOptions, createProgress, examples, type WorkersFlags } from '@breakwater/command-line'
import { parseSweep, sweepJsonSchema } from '../sweep/config.ts'
import { sweep } from '../sweep/sweep.ts'
import { openTracking } from '../tracking/tracking.ts'
import type { Command } from 'commander'
import { busOf } from '../jobs/bus.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'

type Flags = SharedFlags<'monotone' | 'threads' | 'tracking' | 'trackingDeadline' | 'schema'> & {
  readonly config?: string
  readonly printSchema?: boolean
  readonly outputDir: string
} & WorkersFlags

/** The command `sweep`. */
export function sweepCommand(context: Context): Command {
  const made = command(
    'sweep',
    'Train with many combinations of the options of `signals` and `train`, and rank them on inner folds before the outer block.',
  )
    .option('--config <file>', 'JSON file with the options to try')
    .option('--print-schema', 'print the JSON Schema of the config and exit')
    .option(
      '--output-dir <folder>',
      'folder for the trials; a sweep that was started there is continued',
      DEFAULTS.sweeps,
    )
  return addWorkersOptions(made)
    .addOption(option(SHARED_OPTIONS.monotone))
    .addOption(option(SHARED_OPTIONS.threads))
    .addOption(option(SHARED_OPTIONS.tracking))
    .addOption(option(SHARED_OPTIONS.trackingDeadline))
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        'trainer sweep --config sweep.json',
        'trainer sweep --config sweep.json --output-dir data/ml/sweep-2 --tracking none',
        'trainer sweep --print-schema > sweep.schema.json',
      ),
    )
    .action((flags: Flags) => runSweep(context, flags))
}

/** Runs `breakwater sweep`. Fails where no trial has a value. */
async function runSweep(context: Context, flags: Flags): Promise<void> {
  if (flags.printSchema === true) {
    context.terminal.out(`${JSON.stringify(sweepJsonSchema(), null, 2)}\n`)
    return
  }
  if (flags.config === undefined) {
    throw new Error(
      'trainer: --config is missing. Name a JSON file with the options to try; `--print-schema` describes it.',
    )
  }
  const path = existing(context.cwd, flags.config, `missing sweep config: ${flags.config} does not exist. Create it.`)
  const read = parseSweep(await readFile(path, 'utf8'), flags.config)
  const config = flags.monotone === undefined ? read : { ...read, monotone: { ...read.monotone, ...flags.monotone } }
  const progress = createProgress(context, flags.quiet === true)
  const folder = absolute(context.cwd, flags.outputDir)
  const swept = await sweep(context, progress, {
    config,
    folder,
    schemaPath: flags.schema,
    threads: flags.threads,
    bus: busOf(context, flags),
    tracking: openTracking(context, progress, flags),
  })
  const output = shown(context.cwd, folder)
  context.terminal.out(
    flags.json === true
      ? `${JSON.stringify({ ...swept, folder: output }, null, 2)}\n`
      : `${sweepTable({ ...swept, better: METRICS[swept.metric.name].better })}models and results: ${output}\n`,
  )
  if (swept.results.every(({ value }) => value === null)) throw new Error('trainer: no trial of the sweep succeeded')
}
