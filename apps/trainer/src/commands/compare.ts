import type { Command } from 'commander'
import { comparisonTable } from '@breakwater/report'
import { compareTrained } from '../compare/compare.ts'
import type { Context } from '../context.ts'
import { createProgress, examples } from '@breakwater/command-line'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { DEFAULTS } from '../paths.ts'

type Flags = SharedFlags<
  | 'testDates'
  | 'stage'
  | 'oneAblation'
  | 'kNeighbors'
  | 'episodeCap'
  | 'device'
  | 'dataPath'
  | 'modelDir'
  | 'seed'
  | 'schema'
> & {
  readonly testFiles: readonly string[]
  readonly patchtst: string
  readonly outputDir: string
}

/** The command `compare`. */
export function compareCommand(context: Context): Command {
  return command('compare', 'Score PatchTST, trees and neighbours side by side on sessions that none of them has seen.')
    .requiredOption('--test-files <paths...>', 'sequence files of the test sessions: names or globs')
    .addOption(option(SHARED_OPTIONS.testDates, 'score only these sessions of the files'))
    .option('--patchtst <file>', 'the PatchTST model', `${DEFAULTS.patchtst}/patchtst.onnx`)
    .addOption(option(SHARED_OPTIONS.stage, 'feature stage of the trees'))
    .addOption(option(SHARED_OPTIONS.oneAblation, 'feature families of the trees'))
    .addOption(option(SHARED_OPTIONS.kNeighbors))
    .addOption(option(SHARED_OPTIONS.episodeCap))
    .addOption(option(SHARED_OPTIONS.device, 'where PatchTST computes'))
    .addOption(option(SHARED_OPTIONS.dataPath))
    .addOption(option(SHARED_OPTIONS.modelDir, "where the trees' bundles are"))
    .option('--output-dir <folder>', 'where comparison.json goes', DEFAULTS.reports)
    .addOption(option(SHARED_OPTIONS.seed))
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        "trainer compare --test-files 'sequence_dataset_2025-12-1[7-8].npz'",
        "trainer compare --test-files 'sequence_dataset_*.npz' --test-dates 2025-12-17 2025-12-18 --json",
      ),
    )
    .action((flags: Flags) => runCompare(context, flags))
}

/** Runs `breakwater compare`. */
async function runCompare(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const { json, comparison } = await compareTrained(context, progress, {
    testFiles: flags.testFiles,
    testDates: flags.testDates,
    patchTst: flags.patchtst,
    stage: flags.stage,
    ablation: flags.ablation,
    neighbours: { k: flags.kNeighbors, episodeCap: flags.episodeCap },
    device: flags.device,
    dataPath: flags.dataPath,
    modelDir: flags.modelDir,
    outputDir: flags.outputDir,
    schemaPath: flags.schema,
    seed: flags.seed,
  })
  if (flags.json === true) context.terminal.out(`${JSON.stringify({ json, comparison }, null, 2)}\n`)
  else context.terminal.out(`${comparisonTable(comparison)}\nfigures: ${json}\n`)
}
