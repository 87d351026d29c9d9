import { readFile } from 'node:fs/promises'
import { type ForeignFile, type ForeignModel, type HeadRecord, importHead, ITERATIONS } from '@breakwater/models'
import { withFolderLock } from '@breakwater/formats/node'
import { loadDetails, loadSet, writeSet } from '@breakwater/models/node'
import { treeCount } from '@breakwater/trees'
import { bundleFile, metadataFile, sha256 } from '@breakwater/trees/node'
import { Option } from 'commander'
import type { Command } from 'commander'
import { type Context, originOf } from '../context.ts'
import { command, option } from '../options/option.ts'
import { createProgress, examples } from '@breakwater/command-line'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, existing, shown } from '../paths.ts'
import { noteReplaced } from '../versions/replaced.ts'
import { signalsOf } from '../signals-file.ts'

type Flags = SharedFlags<'valDates' | 'stage' | 'oneAblation' | 'modelDir' | 'keepVersions' | 'dataPath' | 'schema'> & {
  readonly from: string
  readonly head: string
  readonly trainDates: readonly string[]
  readonly iterations: ForeignFile['iterations']
}

/** The command `import`. */
export function importCommand(context: Context): Command {
  return command('import', 'Import a model trained elsewhere (XGBoost, LightGBM) as a head of a trained set.')
    .requiredOption('--from <file>', 'XGBoost model (.ubj, .json) or LightGBM model (.txt)')
    .requiredOption('--head <name>', 'head of the set that the model replaces, such as direction')
    .addOption(option(SHARED_OPTIONS.trainDates, 'sessions that the model was trained on').makeOptionMandatory())
    .addOption(option(SHARED_OPTIONS.valDates, 'sessions that decided its number of trees or its settings'))
    .addOption(option(SHARED_OPTIONS.stage, 'feature stage of the set'))
    .addOption(option(SHARED_OPTIONS.oneAblation, 'feature families of the set'))
    .addOption(
      new Option('--iterations <which>', 'trees of an XGBoost model to use: up to the best iteration, or all')
        .choices(ITERATIONS)
        .default('best'),
    )
    .addOption(option(SHARED_OPTIONS.modelDir))
    .addOption(option(SHARED_OPTIONS.keepVersions))
    .addOption(
      option(
        SHARED_OPTIONS.dataPath,
        "the set's signals: files, folders or globs (default: where training found them)",
      ),
    )
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        'trainer import --from model.ubj --head direction --train-dates 2025-12-12 2025-12-15 --val-dates 2025-12-16',
        'trainer import --from model.txt --head t1_60s --stage stage_a --train-dates 2025-12-12,2025-12-15',
      ),
    )
    .action((flags: Flags) => runImport(context, flags))
}

/** Runs `breakwater import`. */
async function runImport(context: Context, flags: Flags): Promise<void> {
  const imported = await importInto(context, flags)
  context.terminal.out(
    flags.json === true ? `${JSON.stringify(resultOf(imported), null, 2)}\n` : importText(imported, flags),
  )
}

/** What was imported, and the files that were written, as a person in the working folder would write them. */
interface Import {
  readonly metadata: string
  readonly bundle: string
  readonly foreign: ForeignModel
  readonly file: string
  readonly sha256: string
  readonly record: HeadRecord
}

async function importInto(context: Context, flags: Flags): Promise<Import> {
  const folder = absolute(context.cwd, flags.modelDir)
  // A folder without the set is told of before a lock makes it.
  await loadDetails(folder, flags)
  return withFolderLock(folder, { command: 'breakwater import' }, () => importLocked(context, flags, folder))
}

async function importLocked(context: Context, flags: Flags, folder: string): Promise<Import> {
  const { head, stage, ablation, iterations, trainDates, valDates: validationDates = [] } = flags
  const trained = await loadSet(folder, { stage, ablation })
  const file = shown(context.cwd, absolute(context.cwd, flags.from))
  const bytes = await readFile(
    existing(context.cwd, flags.from, `--from ${file}: there is no such file. Pass the path of the model.`),
  )
  const source = { schemaPath: flags.schema, dataPath: flags.dataPath }
  const signals = await signalsOf(context, source, trained)
  const origin = originOf(context)
  const request = { head, model: { bytes, file, iterations }, sha256: sha256(bytes), trainDates, validationDates }
  const { set, foreign, record } = importHead({ ...trained, signals }, request, origin)
  context.signal.throwIfAborted()
  const progress = createProgress(context, flags.quiet === true)
  await noteReplaced(context, progress, { folder, pointer: metadataFile(stage, ablation) })
  const { metadata } = await writeSet(folder, set, {
    timestamp: origin.timestamp,
    keepVersions: flags.keepVersions,
  })
  const bundle = bundleFile(head, stage, ablation)
  return { metadata: shown(context.cwd, metadata), bundle, foreign, file, sha256: request.sha256, record }
}

function resultOf({ metadata, bundle, foreign, file, sha256: hash, record }: Import): unknown {
  const { model, format } = foreign
  const { objective, columns, baseScore } = model
  const used = new Set(model.feature.filter((feature) => feature >= 0)).size
  const trees = treeCount(model)
  return {
    metadata,
    bundle,
    model: { format, file, sha256: hash, objective, trees, baseScore, columns: columns.length, used },
    head: record,
  }
}

function importText({ metadata, bundle, foreign, file, record }: Import, { stage, ablation }: Flags): string {
  const scored = record.folds.filter(
    ({ metrics }) => (metrics.test['rows'] ?? 0) + (metrics.validation['rows'] ?? 0) > 0,
  )
  const lines = [
    `${stage} ${ablation}: ${record.name} is now the ${foreign.format} model of ${file} (${treeCount(foreign.model)} trees)`,
    scored.length > 0
      ? `  scored on the sessions after those it saw, in ${scored.length} of ${record.folds.length} folds`
      : '  none of the recorded sessions is after those it saw: evaluate it on later ones with --test-dates',
    `  ${record.folds.at(-1)?.calibration.reason.split('; ').at(-1)}`,
    `  written: ${bundle}, ${metadata}`,
    `Next: breakwater evaluate${scored.length > 0 ? '' : ' --test-dates <later sessions>'}`,
  ]
  return `${lines.join('\n')}\n`
}
