import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProgress, examples } from '@breakwater/command-line'
import { featureDrifts, RULE_COST, ruleEquities, thresholdReturns } from '@breakwater/evaluation/sets'
import { readBars } from '@breakwater/features/parquet'
import { replaceFile, withFolderLock } from '@breakwater/formats/node'
import { readOptionsOf, type Signals, targetsOf } from '@breakwater/models'
import { findSets, loadSet, type TrainedSet } from '@breakwater/models/node'
import { type ForecastSet, workbenchData, workbenchFiles } from '@breakwater/pages/workbench'
import { type Command, InvalidArgumentError } from 'commander'
import type { Context } from '../context.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS, shown } from '../paths.ts'
import { signalsOf } from '../signals-file.ts'
import { noteReplacedFiles } from '../versions/replaced.ts'
import { runDifference } from '../versions/run-difference.ts'

type Flags = SharedFlags<'dataPath' | 'modelDir' | 'schema' | 'seed'> & {
  readonly bars?: readonly string[]
  readonly cost: number
  readonly compare?: readonly string[]
  readonly outputDir: string
}

/** Costs of a trade that the table of thresholds offers beside the stated one, dollars a share. */
const COSTS = [0, 0.01, 0.02, 0.05, 0.1, 0.2]

/** The command `ui`. */
export function uiCommand(context: Context): Command {
  return command(
    'ui',
    'Write a workbench of trained sets: sessions, touches, forecasts and outcomes as pages and data files.',
  )
    .addOption(option(SHARED_OPTIONS.dataPath))
    .option('--bars <paths...>', 'one-minute bars (default: those of the signals)')
    .addOption(option(SHARED_OPTIONS.modelDir))
    .option('--output-dir <folder>', 'where the workbench goes', join(DEFAULTS.reports, 'ui'))
    .option(
      '--cost <dollars>',
      'what a trade of the stated rules costs a share, in and out together',
      dollars,
      RULE_COST,
    )
    .option('--compare <runs...>', 'show two runs side by side, as runs diff does')
    .addOption(option(SHARED_OPTIONS.seed))
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        'trainer ui',
        'trainer ui --model-dir data/ml/boosted_trees --output-dir ui',
        'trainer ui --compare stage_a_full stage_b_full --cost 0.03',
      ),
    )
    .action((flags: Flags) => runUi(context, flags))
}

function dollars(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value < Infinity))
    throw new InvalidArgumentError(`"${text}" is not dollars of at least 0.`)
  return value
}

/** Runs `breakwater ui`. */
async function runUi(context: Context, flags: Flags): Promise<void> {
  const { cwd, signal } = context
  const [a, b, ...more] = flags.compare ?? []
  if (flags.compare !== undefined && (a === undefined || b === undefined || more.length > 0))
    throw new Error(`trainer: --compare ${flags.compare.join(' ')}: must be two runs. \`breakwater runs\` lists them.`)
  const progress = createProgress(context, flags.quiet === true)
  const reading = progress.step('reading sets', 1)
  const models = absolute(cwd, flags.modelDir)
  const trained = await Promise.all(findSets(models, {}).map((name) => loadSet(models, name)))
  const [first] = trained
  if (first === undefined) throw new Error('trainer: no trained set was found')
  const signals = await signalsOf(context, { schemaPath: flags.schema, dataPath: flags.dataPath }, first)
  const sets = trained.map((set) => forecastSet(set, signals, flags))
  const { modelDir, dataPath, schema: schemaPath, seed } = flags
  const comparison =
    a === undefined || b === undefined
      ? null
      : await runDifference(context, { modelDir, dataPath, schemaPath, seed, names: [a, b] })
  const source = flags.bars === undefined ? signals.bars : { files: flags.bars, repair: false }
  if (source === undefined)
    throw new Error(
      `trainer: ${signals.files.join(', ')}: does not say which bars it was made from. Pass them with --bars.`,
    )
  const { bars } = await readBars(
    source.files.map((path) => absolute(cwd, path)),
    readOptionsOf(source),
  )
  reading.end()
  const folder = absolute(cwd, flags.outputDir)
  const step = progress.step('workbench', 1)
  let files = 0
  await withFolderLock(folder, { command: 'breakwater ui' }, async () => {
    noteReplacedFiles(context, progress, [join(folder, 'index.html')])
    for await (const { path, content } of workbenchFiles(workbenchData({ signals, bars, sets, comparison }))) {
      signal.throwIfAborted()
      await replaceFile(join(folder, path), content)
      files += 1
      step.update(files / (signals.dates.length + 8), path)
    }
  })
  step.end(`${files} files`)
  const page = join(folder, 'index.html')
  const result = { page: shown(cwd, page), url: pathToFileURL(page).href, files, sessions: signals.dates.length }
  context.terminal.out(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : `open ${result.page}\n`)
}

/** A set with what is computed of it when its page is written. */
function forecastSet(
  { details, predictions }: TrainedSet,
  signals: Signals,
  { cost, seed }: Pick<Flags, 'cost' | 'seed'>,
): ForecastSet {
  const { table, thresholds } = signals
  const { baseline, final, plan } = details
  const trained = final?.dates ?? plan.folds.at(-1)?.train ?? []
  const forecasts = { table, predictions, thresholds, resampling: { seed } }
  const isTested = predictions.role === 'test'
  const costs = [...new Set([...COSTS, cost])].toSorted((a, b) => a - b)
  return {
    name: `${details.stage} ${details.ablation}`,
    predictions,
    targets: targetsOf(details, signals),
    acting: (heads) => (isTested ? { cost, ...thresholdReturns({ ...forecasts, heads, costs }) } : null),
    equity: () => (isTested ? ruleEquities({ ...forecasts, cost }) : null),
    drift: () => (baseline === undefined ? null : featureDrifts({ table, baseline, trained })),
  }
}
