import { createProgress, examples, wordList } from '@breakwater/command-line'
import { type Anchor, ANCHORS } from '@breakwater/features'
import { findSets } from '@breakwater/models/node'
import { type ExportSummary, exportText } from '@breakwater/report'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { EXPORT_FORMATS, type ExportFormat, exportSet } from '../exporting/export.ts'
import { command, option } from '../options/option.ts'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'
import { absolute, DEFAULTS } from '../paths.ts'

type Flags = SharedFlags<'stage' | 'ablation' | 'modelDir' | 'dataPath' | 'schema'> & {
  readonly format?: readonly ExportFormat[]
  readonly anchors?: readonly Anchor[]
  readonly outputDir: string
}

/** The command `export`. */
export function exportCommand(context: Context): Command {
  return command(
    'export',
    'Write a trained set for other programs: one ONNX graph per anchor from raw columns to what is served, XGBoost JSON, and rows to check them with.',
  )
    .option(
      '--format <names...>',
      `formats (default: ${EXPORT_FORMATS.join(' ')}); parquet needs the signals`,
      wordList(EXPORT_FORMATS),
    )
    .addOption(option(SHARED_OPTIONS.stage))
    .addOption(option(SHARED_OPTIONS.ablation, 'feature families; "all" exports each that was trained'))
    .option(
      '--anchors <names...>',
      `anchors: ${ANCHORS.join(', ')} (default: all that were trained)`,
      wordList(ANCHORS),
    )
    .addOption(option(SHARED_OPTIONS.modelDir))
    .option('--output-dir <folder>', 'where the files go', DEFAULTS.exports)
    .addOption(
      option(SHARED_OPTIONS.dataPath, 'signals that the set was trained on (default: where training found them)'),
    )
    .addOption(option(SHARED_OPTIONS.schema))
    .addHelpText(
      'after',
      examples(
        'trainer export',
        'trainer export --format onnx --anchors 4min --output-dir out',
        'trainer export --stage stage_a --format xgboost',
      ),
    )
    .action((flags: Flags) => runExport(context, flags))
}

/** Runs `breakwater export`. */
async function runExport(context: Context, flags: Flags): Promise<void> {
  const progress = createProgress(context, flags.quiet === true)
  const names = findSets(absolute(context.cwd, flags.modelDir), { stages: [flags.stage], ablations: [flags.ablation] })
  const reports: ExportSummary[] = []
  for (const name of names) {
    const { format: formats = EXPORT_FORMATS, anchors, modelDir, outputDir, dataPath, schema: schemaPath } = flags
    const request = { formats, anchors, modelDir, outputDir, dataPath, schemaPath }
    reports.push(await exportSet(context, progress, request, name))
  }
  context.terminal.out(
    flags.json === true
      ? `${JSON.stringify({ exports: reports }, null, 2)}\n`
      : reports.map((report) => exportText(report, context.terminal.width)).join('\n'),
  )
}
