import { treeCount } from '@breakwater/trees'
import type { Context } from '../context.ts'
import { ITERATIONS } from '../importing/foreign-model.ts'
import type { ForeignRequest } from '../importing/foreign-model.ts'
import { importHead } from '../importing/import-head.ts'
import type { Imported } from '../importing/import-head.ts'
import { Option } from 'commander'
import type { Command } from 'commander'
import { command, examples, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'

type Flags = SharedFlags<'valDates' | 'stage' | 'oneAblation' | 'modelDir' | 'dataPath' | 'schema'> & {
  readonly from: string
  readonly head: string
  readonly trainDates: readonly string[]
  readonly iterations: ForeignRequest['iterations']
}

/** The command `import`. */
export function importCommand(context: Context): Command {
  return command('import', 'Put a model trained elsewhere (XGBoost, LightGBM) into a trained set, as one of its heads.')
    .requiredOption('--from <file>', 'XGBoost model (.ubj, .json) or LightGBM model (.txt)')
    .requiredOption('--head <name>', 'head of the set that the model predicts, such as direction')
    .addOption(option(SHARED_OPTIONS.trainDates, 'sessions that the model was trained on').makeOptionMandatory())
    .addOption(option(SHARED_OPTIONS.valDates, 'sessions that chose its number of trees or its settings'))
    .addOption(option(SHARED_OPTIONS.stage, 'feature stage of the set'))
    .addOption(option(SHARED_OPTIONS.oneAblation, 'feature families of the set'))
    .addOption(
      new Option('--iterations <which>', "XGBoost's trees up to its best iteration, or all")
        .choices(ITERATIONS)
        .default('best'),
    )
    .addOption(option(SHARED_OPTIONS.modelDir))
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
        'trainer import --from model.ubj --head direction --train-dates 2025-12-14 2025-12-15 --val-dates 2025-12-16',
        'trainer import --from model.txt --head t1_60s --stage stage_a --train-dates 2025-12-14,2025-12-15',
      ),
    )
    .action((flags: Flags) => runImport(context, flags))
}

/** Runs `trainer import`. */
async function runImport(context: Context, flags: Flags): Promise<void> {
  const imported = await importHead(context, {
    from: flags.from,
    head: flags.head,
    stage: flags.stage,
    ablation: flags.ablation,
    trainDates: flags.trainDates,
    validationDates: flags.valDates ?? [],
    iterations: flags.iterations,
    modelDir: flags.modelDir,
    dataPath: flags.dataPath,
    schemaPath: flags.schema,
  })
  context.terminal.out(
    flags.json === true ? `${JSON.stringify(resultOf(imported), null, 2)}\n` : importText(imported, flags),
  )
}

function resultOf({ metadata, bundle, foreign, record }: Imported): unknown {
  const { model, format, file, sha256 } = foreign
  const { objective, columns, baseScore } = model
  const used = new Set(model.feature.filter((feature) => feature >= 0)).size
  const trees = treeCount(model)
  return {
    metadata,
    bundle,
    model: { format, file, sha256, objective, trees, baseScore, columns: columns.length, used },
    head: record,
  }
}

function importText({ metadata, bundle, foreign, record }: Imported, { stage, ablation }: Flags): string {
  const scored = record.folds.filter(
    ({ metrics }) => (metrics.test['rows'] ?? 0) + (metrics.validation['rows'] ?? 0) > 0,
  )
  const lines = [
    `${stage} ${ablation}: ${record.name} is now the ${foreign.format} model of ${foreign.file} (${treeCount(foreign.model)} trees)`,
    scored.length > 0
      ? `  scored on the sessions after those it saw, in ${scored.length} of ${record.folds.length} folds`
      : '  none of the recorded sessions is after those it saw: evaluate it on later ones with --test-dates',
    `  written: ${bundle}, ${metadata}`,
  ]
  return `${lines.join('\n')}\n`
}
