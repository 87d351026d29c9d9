import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProgress, examples, wholeNumber } from '@breakwater/command-line'
import { RULE_COST } from '@breakwater/evaluation/sets'
import { readBars } from '@breakwater/features/parquet'
import { replaceFile, withFolderLock } from '@breakwater/formats/node'
import { readOptionsOf } from '@breakwater/models'
import { findSets, loadSet } from '@breakwater/models/node'
import { workbenchData, workbenchFiles } from '@breakwater/pages/workbench'
import { type Command, InvalidArgumentError } from 'commander'
import type { Context } from '../context.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS, shown } from '../paths.ts'
import { signalsOf } from '../signals-file.ts'
import { noteReplacedFiles } from '../versions/replaced.ts'
import { forecastSet } from '../workbench/forecast-set.ts'
import { runDifference } from '../versions/run-difference.ts'

type Flags = SharedFlags<'dataPath' | 'modelDir' | 'schema' | 'seed'> & {
  readonly bars?: readonly string[]
  readonly cost: number
  readonly compare?: readonly string[]
  readonly explain: number
  readonly retrievalIndex: string
  readonly outputDir: string
}

/** Sessions whose touches are explained by default. */
const EXPLAINED = 20

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
      'cost of a trade of the stated rules in dollars per share, entry and exit together',
      dollars,
      RULE_COST,
    )
    .option('--compare <runs...>', 'show two runs side by side, as `runs diff` does')
    .option(
      '--explain <n>',
      'explain the touches of this many of the newest sessions with forecasts',
      wholeNumber(0),
      EXPLAINED,
    )
    .option('--retrieval-index <folder>', 'where past touches are looked up', DEFAULTS.indexes)
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
  const { cost, seed } = flags
  const { modelDir, dataPath, schema: schemaPath } = flags
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
  const indexes = absolute(cwd, flags.retrievalIndex)
  const sets = await Promise.all(trained.map((set) => forecastSet(set, { signals, bars, cost, seed, indexes })))
  reading.end()
  const folder = absolute(cwd, flags.outputDir)
  const step = progress.step('workbench', 1)
  let files = 0
  await withFolderLock(folder, { command: 'breakwater ui' }, async () => {
    noteReplacedFiles(context, progress, [join(folder, 'index.html')])
    const data = workbenchData({ signals, bars, sets, comparison, explained: flags.explain })
    const explained = data.index.sessions.filter((session) => session.explained).length
    for await (const { path, content } of workbenchFiles(data)) {
      signal.throwIfAborted()
      await replaceFile(join(folder, path), content)
      files += 1
      step.update(files / (signals.dates.length + explained + 8), path)
    }
  })
  step.end(`${files} files`)
  const page = join(folder, 'index.html')
  const result = { page: shown(cwd, page), url: pathToFileURL(page).href, files, sessions: signals.dates.length }
  const counts = `${signals.dates.length} sessions, ${sets.length} trained ${sets.length === 1 ? 'set' : 'sets'}, ${files} files`
  context.terminal.out(
    flags.json === true
      ? `${JSON.stringify(result, null, 2)}\n`
      : `Workbench written: ${counts}\nNext: open ${result.page} in a browser\n`,
  )
}
