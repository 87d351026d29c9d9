import { indexTable } from '@breakwater/report'
import type { Command } from 'commander'
import { addWorkersOptions, createProgress, examples, wholeList, type WorkersFlags } from '@breakwater/command-line'
import type { Context } from '../context.ts'
import { makeIndexes } from '../indexing/make-index.ts'
import { busOf } from '../jobs/bus.ts'
import { openTracking } from '../tracking/tracking.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { DEFAULTS } from '../paths.ts'

type Flags = SharedFlags<
  | 'stage'
  | 'ablation'
  | 'anchor'
  | 'kNeighbors'
  | 'episodeCap'
  | 'trainDates'
  | 'dataPath'
  | 'modelDir'
  | 'keepVersions'
  | 'seed'
  | 'threads'
  | 'tracking'
  | 'trackingDeadline'
  | 'schema'
> & {
  readonly evaluateK?: readonly number[]
  readonly outputDir: string
} & WorkersFlags

const EVALUATED = [10, 20, 50, 100]

/** The command `index`. */
export function indexCommand(context: Context): Command {
  const index = command(
    'index',
    'Index the training touches of a trained set for similarity search, and score the neighbours out of sample.',
  )
    .addOption(option(SHARED_OPTIONS.stage))
    .addOption(option(SHARED_OPTIONS.ablation, 'feature families; "all" indexes each set'))
    .addOption(option(SHARED_OPTIONS.kNeighbors, 'default number of neighbours of the index'))
    .option('--evaluate-k <n...>', 'numbers of neighbours to score (default: 10 20 50 100)', wholeList(1))
    .addOption(option(SHARED_OPTIONS.episodeCap))
    .addOption(option(SHARED_OPTIONS.anchor, 'anchor whose outcomes are stored'))
    .addOption(option(SHARED_OPTIONS.trainDates, 'sessions to index (default: the training dates of the bundles)'))
    .addOption(option(SHARED_OPTIONS.dataPath))
    .addOption(option(SHARED_OPTIONS.modelDir))
    .option('--output-dir <folder>', 'where the index goes', DEFAULTS.indexes)
    .addOption(option(SHARED_OPTIONS.keepVersions))
    .addOption(option(SHARED_OPTIONS.seed))
  return addWorkersOptions(index)
    .addOption(option(SHARED_OPTIONS.threads))
    .addOption(option(SHARED_OPTIONS.tracking))
    .addOption(option(SHARED_OPTIONS.trackingDeadline))
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        'trainer index --stage stage_b --ablation full --k-neighbors 50',
        'trainer index --stage stage_a --train-dates 2025-12-12 2025-12-15 --evaluate-k 5,10,25',
        'trainer index --ablation all --workers nats://queue:4222',
      ),
    )
    .action((flags: Flags) => runIndex(context, flags))
}

/** Runs `breakwater index`. */
async function runIndex(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const saved = await makeIndexes(context, progress, {
    stage: flags.stage,
    ablation: flags.ablation,
    anchor: flags.anchor,
    trainDates: flags.trainDates,
    k: flags.kNeighbors,
    episodeCap: flags.episodeCap,
    ks: flags.evaluateK ?? EVALUATED,
    dataPath: flags.dataPath,
    modelDir: flags.modelDir,
    outputDir: flags.outputDir,
    keepVersions: flags.keepVersions,
    schemaPath: flags.schema,
    seed: flags.seed,
    threads: flags.threads,
    bus: busOf(context, flags),
    tracking: openTracking(context, progress, flags),
  })
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ indexes: saved }, null, 2)}\n`)
  else
    context.terminal.out(
      saved.map(({ index, json, record }) => `${indexTable(record)}index: ${index}\ndescription: ${json}\n`).join('\n'),
    )
}
