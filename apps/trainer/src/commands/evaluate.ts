import { readFileSync } from 'node:fs'
import { type MixTuning, readMixTuning } from '@breakwater/models'
import { evaluationTable, sideBySideTable } from '@breakwater/report'
import type { Context } from '../context.ts'
import { type CalibrateOptions, evaluateModels, type EvaluationResult } from '../evaluation/evaluate.ts'
import { createProgress, examples } from '@breakwater/command-line'
import { aboutCalibration, recordCalibration } from '../tracking/calibration.ts'
import { openTracking } from '../tracking/tracking.ts'
import { ABLATIONS, ANCHORS, STAGES } from '@breakwater/features'
import { Option } from 'commander'
import type { Command } from 'commander'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS } from '../paths.ts'

type Flags = SharedFlags<'testDates' | 'dataPath' | 'modelDir' | 'seed' | 'threads' | 'schema'> & {
  readonly stage?: readonly string[]
  readonly ablation?: readonly string[]
  readonly outputDir: string
  readonly heads?: readonly string[]
  readonly anchors?: readonly string[]
  readonly all?: boolean
  readonly served?: string
  readonly bars?: readonly string[]
  readonly timezone?: string
}

type CalibrateFlags = Flags &
  SharedFlags<'kNeighbors' | 'episodeCap' | 'tracking' | 'trackingDeadline'> & { readonly tuning?: string }

/** The command `evaluate`. */
export function evaluateCommand(context: Context): Command {
  return scoringCommand('evaluate', 'Score trained heads on dates they have never seen; write JSON and an HTML report.')
    .option(
      '--served <path>',
      'also compare published payloads with what happened: JSON lines of breakwater replay --output, or the folder of breakwater serve --audit',
    )
    .option('--bars <files...>', 'the bars that show what happened (with --served)')
    .option('--timezone <zone>', 'time zone of time stamps in --bars without one')
    .addHelpText(
      'after',
      examples(
        'trainer evaluate',
        'trainer evaluate --stage stage_b --ablation full --test-dates 2025-12-17 2025-12-18',
        'trainer evaluate --served replay.jsonl --bars SPY_1m.parquet',
        'trainer evaluate --served data/audit --bars SPY_1m.parquet',
      ),
    )
    .action((flags: Flags) => runEvaluate(context, flags))
}

/** The command `calibrate`. */
export function calibrateCommand(context: Context): Command {
  return scoringCommand(
    'calibrate',
    'Score raw trees, calibrated trees, neighbours and the served mix side by side, on dates that none of them has seen.',
  )
    .addOption(option(SHARED_OPTIONS.kNeighbors, 'number of neighbours per touch, from the training dates of its fold'))
    .addOption(option(SHARED_OPTIONS.episodeCap))
    .option(
      '--tuning <file>',
      'JSON file with other numbers for the hand-set mix and gate, {"ensemble": {...}, "gate": {...}}, as in the `tuning` of a scorer; they are scored too',
    )
    .addOption(option(SHARED_OPTIONS.tracking))
    .addOption(option(SHARED_OPTIONS.trackingDeadline))
    .addHelpText(
      'after',
      examples(
        'trainer calibrate --stage stage_b --ablation full',
        'trainer calibrate --stage stage_b --ablation full --test-dates 2025-12-17 2025-12-18',
        'trainer calibrate --tuning tuning.json',
      ),
    )
    .action((flags: CalibrateFlags) => runCalibrate(context, flags))
}

/** The options that `evaluate` and `calibrate` share. */
function scoringCommand(name: string, description: string): Command {
  return command(name, description)
    .addOption(new Option('--stage <stages...>', 'feature stages (default: those that were trained)').choices(STAGES))
    .addOption(
      new Option('--ablation <names...>', 'ablations (default: those that were trained)').choices([
        ...ABLATIONS,
        'all',
      ]),
    )
    .addOption(option(SHARED_OPTIONS.testDates, 'score only these sessions; the bundle forecasts dates after the plan'))
    .addOption(option(SHARED_OPTIONS.dataPath))
    .addOption(option(SHARED_OPTIONS.modelDir))
    .option('--output-dir <folder>', 'where the report goes', DEFAULTS.reports)
    .option('--heads <names...>', 'print these heads (default: all of the first anchor)')
    .addOption(new Option('--anchors <anchors...>', 'print the heads of these anchors').choices(ANCHORS))
    .option('--all', 'print every head')
    .addOption(option(SHARED_OPTIONS.seed))
    .addOption(option(SHARED_OPTIONS.threads))
    .addOption(option(SHARED_OPTIONS.schema))
}

/** Runs `breakwater evaluate`. */
async function runEvaluate(context: Context, flags: Flags): Promise<void> {
  write(context, flags, await score(context, flags), evaluationTable)
}

/** Runs `breakwater calibrate`. */
async function runCalibrate(context: Context, flags: CalibrateFlags): Promise<void> {
  const { kNeighbors: k, episodeCap } = flags
  const tuning = tuningIn(context, flags)
  const tracking = openTracking(context, createProgress(context, flags.quiet === true), flags)
  const evaluated = await tracking.run(await aboutCalibration(context, flags), async (run) => {
    const scored = await score(context, flags, { k, episodeCap, tuning })
    await recordCalibration(run, scored)
    return scored
  })
  write(context, flags, evaluated, sideBySideTable)
}

function tuningIn({ cwd }: Context, { tuning }: CalibrateFlags): MixTuning | undefined {
  if (tuning === undefined) return undefined
  const path = absolute(cwd, tuning)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`trainer: --tuning ${tuning}: cannot be read as JSON. Give a file that contains JSON.`, {
      cause: error,
    })
  }
  return readMixTuning(value, tuning)
}

function score(context: Context, flags: Flags, calibrate?: CalibrateOptions): Promise<EvaluationResult> {
  const progress = createProgress(context, flags.quiet === true)
  return evaluateModels(context, progress, {
    stages: flags.stage,
    ablations: flags.ablation,
    testDates: flags.testDates,
    dataPath: flags.dataPath,
    modelDir: flags.modelDir,
    outputDir: flags.outputDir,
    schemaPath: flags.schema,
    seed: flags.seed,
    threads: flags.threads,
    calibrate,
    ...(flags.served === undefined ? {} : { served: servedIn(flags) }),
  })
}

function servedIn({ served: path = '', bars = [], timezone }: Flags): {
  path: string
  bars: readonly string[]
  timezone?: string | undefined
} {
  if (bars.length > 0) return { path, bars, timezone }
  throw new Error(`trainer: --served=${path}: needs the bars that show what happened. Give --bars <files...>.`)
}

function write(
  context: Context,
  flags: Flags,
  { evaluation, json, html }: EvaluationResult,
  table: typeof evaluationTable,
): void {
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ json, html, evaluation }, null, 2)}\n`)
  else
    context.terminal.out(
      `${table(evaluation, { width: context.terminal.width, ...flags })}\nreport: ${html}\nfigures: ${json}\n`,
    )
}
