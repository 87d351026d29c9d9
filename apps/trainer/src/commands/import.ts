import type { Ablation, Stage } from '@breakwater/features'
import { treeCount } from '@breakwater/trees'
import type { Context } from '../context.ts'
import type { ForeignRequest } from '../importing/foreign-model.ts'
import { importHead } from '../importing/import-head.ts'
import type { Imported } from '../importing/import-head.ts'

/** Options of `trainer import` as commander gives them. */
export interface ImportFlags {
  readonly from: string
  readonly head: string
  readonly trainDates: readonly string[]
  readonly valDates?: readonly string[]
  readonly stage: Stage
  readonly ablation: Ablation
  readonly iterations: ForeignRequest['iterations']
  readonly modelDir: string
  readonly dataPath?: readonly string[]
  readonly schema: string
  readonly json?: boolean
}

/** Runs `trainer import`. */
export async function runImport(context: Context, flags: ImportFlags): Promise<void> {
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

function importText({ metadata, bundle, foreign, record }: Imported, { stage, ablation }: ImportFlags): string {
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
