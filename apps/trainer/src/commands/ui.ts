import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createProgress, examples } from '@breakwater/command-line'
import { readBars } from '@breakwater/features/parquet'
import { replaceFile, withFolderLock } from '@breakwater/formats/node'
import { readOptionsOf, targetsOf } from '@breakwater/models'
import { findSets, loadSet } from '@breakwater/models/node'
import { type ForecastSet, workbenchData, workbenchFiles } from '@breakwater/pages/workbench'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS, shown } from '../paths.ts'
import { signalsOf } from '../signals-file.ts'
import { noteReplacedFiles } from '../versions/replaced.ts'

type Flags = SharedFlags<'dataPath' | 'modelDir' | 'schema'> & {
  readonly bars?: readonly string[]
  readonly outputDir: string
}

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
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText('after', examples('trainer ui', 'trainer ui --model-dir data/ml/boosted_trees --output-dir ui'))
    .action((flags: Flags) => runUi(context, flags))
}

/** Runs `trainer ui`. */
async function runUi(context: Context, flags: Flags): Promise<void> {
  const { cwd, signal } = context
  const progress = createProgress(context, flags.quiet === true)
  const step = progress.step('workbench', 1)
  const models = absolute(cwd, flags.modelDir)
  const trained = await Promise.all(findSets(models, {}).map((name) => loadSet(models, name)))
  const [first] = trained
  if (first === undefined) throw new Error('trainer: no trained set was found')
  const signals = await signalsOf(context, { schemaPath: flags.schema, dataPath: flags.dataPath }, first)
  const sets: ForecastSet[] = trained.map(({ details, predictions }) => ({
    name: `${details.stage} ${details.ablation}`,
    predictions,
    targets: targetsOf(details, signals),
  }))
  const source = flags.bars === undefined ? signals.bars : { files: flags.bars, repair: false }
  if (source === undefined)
    throw new Error(
      `trainer: ${signals.files.join(', ')}: does not say which bars it was made from. Pass them with --bars.`,
    )
  const { bars } = await readBars(
    source.files.map((path) => absolute(cwd, path)),
    readOptionsOf(source),
  )
  const folder = absolute(cwd, flags.outputDir)
  let files = 0
  await withFolderLock(folder, { command: 'trainer ui' }, async () => {
    noteReplacedFiles(context, progress, [join(folder, 'index.html')])
    for await (const { path, content } of workbenchFiles(workbenchData({ signals, bars, sets }))) {
      signal.throwIfAborted()
      await replaceFile(join(folder, path), content)
      files += 1
      step.update(files / (signals.dates.length + 5), path)
    }
  })
  step.end(`${files} files`)
  const page = join(folder, 'index.html')
  const result = { page: shown(cwd, page), url: pathToFileURL(page).href, files, sessions: signals.dates.length }
  context.terminal.out(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : `open ${result.page}\n`)
}
