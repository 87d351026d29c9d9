import { readFile } from 'node:fs/promises'
import type { Ablation, Stage } from '@breakwater/features'
import { type ForeignFile, type ForeignModel, type HeadRecord, importHead } from '@breakwater/models'
import { loadSet, writeSet } from '@breakwater/models/node'
import { treeCount } from '@breakwater/trees'
import { bundleFile, sha256 } from '@breakwater/trees/node'
import { type Context, originOf } from '../context.ts'
import { absolute, existing, shown } from '../paths.ts'
import { signalsOf } from '../signals-file.ts'

/** Options of `trainer import` as commander gives them. */
export interface ImportFlags {
  readonly from: string
  readonly head: string
  readonly trainDates: readonly string[]
  readonly valDates?: readonly string[]
  readonly stage: Stage
  readonly ablation: Ablation
  readonly iterations: ForeignFile['iterations']
  readonly modelDir: string
  readonly dataPath?: readonly string[]
  readonly schema: string
  readonly json?: boolean
}

/** Runs `trainer import`. */
export async function runImport(context: Context, flags: ImportFlags): Promise<void> {
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

async function importInto(context: Context, flags: ImportFlags): Promise<Import> {
  const { head, stage, ablation, iterations, trainDates, valDates: validationDates = [] } = flags
  const folder = absolute(context.cwd, flags.modelDir)
  const trained = await loadSet(folder, { stage, ablation })
  const file = shown(context.cwd, absolute(context.cwd, flags.from))
  const bytes = await readFile(
    existing(context.cwd, flags.from, `--from ${file}: there is no such file. Give the model's place.`),
  )
  const source = { schemaPath: flags.schema, dataPath: flags.dataPath }
  const signals = await signalsOf(context, source, trained)
  const origin = originOf(context)
  const request = { head, model: { bytes, file, iterations }, sha256: sha256(bytes), trainDates, validationDates }
  const { set, foreign, record } = importHead({ ...trained, signals }, request, origin)
  context.signal.throwIfAborted()
  const { metadata } = await writeSet(folder, set, origin.timestamp)
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

function importText({ metadata, bundle, foreign, file, record }: Import, { stage, ablation }: ImportFlags): string {
  const scored = record.folds.filter(
    ({ metrics }) => (metrics.test['rows'] ?? 0) + (metrics.validation['rows'] ?? 0) > 0,
  )
  const lines = [
    `${stage} ${ablation}: ${record.name} is now the ${foreign.format} model of ${file} (${treeCount(foreign.model)} trees)`,
    scored.length > 0
      ? `  scored on the sessions after those it saw, in ${scored.length} of ${record.folds.length} folds`
      : '  none of the recorded sessions is after those it saw: evaluate it on later ones with --test-dates',
    `  written: ${bundle}, ${metadata}`,
  ]
  return `${lines.join('\n')}\n`
}
