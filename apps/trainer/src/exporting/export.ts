import { join } from 'node:path'
import type { Progress } from '@breakwater/command-line'
import type { Anchor, Bars, Column, Table } from '@breakwater/features'
import { writeTable } from '@breakwater/features/parquet'
import { encodeModel } from '@breakwater/formats'
import { replaceFile, withFolderLock } from '@breakwater/formats/node'
import {
  exportedForecasts,
  forecastTable,
  graphRows,
  notExported,
  type SetGraph,
  setGraph,
  type SetName,
  type Signals,
} from '@breakwater/models'
import { loadSet, type TrainedSet } from '@breakwater/models/node'
import type { ExportSummary } from '@breakwater/report'
import { toXgboostJson } from '@breakwater/trees'
import type { Context } from '../context.ts'
import { absolute, shown } from '../paths.ts'
import { barsOf, signalsOf } from '../signals-file.ts'
import { noteReplacedFiles } from '../versions/replaced.ts'
import { checkScript } from './check-script.ts'

/** What is written of a set. */
export type ExportFormat = 'onnx' | 'xgboost' | 'parquet'

/** Formats by name. */
export const EXPORT_FORMATS: readonly ExportFormat[] = ['onnx', 'xgboost', 'parquet']

/** What to export, and where to. */
export interface ExportRequest {
  readonly formats: readonly ExportFormat[]
  /** Undefined takes all that the set has. */
  readonly anchors: readonly Anchor[] | undefined
  readonly modelDir: string
  readonly outputDir: string
  readonly dataPath: readonly string[] | undefined
  readonly schemaPath: string | undefined
}

/** A file to write. */
interface ExportFile {
  readonly name: string
  readonly write: (path: string) => Promise<void>
}

/** Writes a set in the formats of other programs. Throws `LockError` where another process writes into the folder. */
export async function exportSet(
  context: Context,
  progress: Progress,
  request: ExportRequest,
  name: SetName,
): Promise<ExportSummary> {
  const { cwd, signal } = context
  const trained = await loadSet(absolute(cwd, request.modelDir), name)
  const anchors = anchorsOf(trained, request.anchors)
  const heads = [...trained.bundles].filter(([, { description }]) => anchors.some((one) => one === description.anchor))
  const graphs = new Map(anchors.map((anchor) => [anchor, setGraph(trained, anchor)]))
  const files: ExportFile[] = []
  const lacks = request.formats.includes('onnx') ? notExported(trained.details) : []
  if (request.formats.includes('onnx')) {
    for (const [anchor, { model }] of graphs)
      files.push({
        name: `${stem(name, anchor)}.onnx`,
        write: (path) => replaceFile(path, encodeModel(model), { signal }),
      })
  }
  if (request.formats.includes('xgboost')) {
    for (const [head, { model }] of heads) {
      const text = toXgboostJson(model)
      files.push({
        name: `xgboost_${head}_${name.stage}_${name.ablation}.json`,
        write: (path) => replaceFile(path, text, { signal }),
      })
    }
  }
  if (request.formats.includes('parquet')) {
    const signals = await signalsOf(context, { schemaPath: request.schemaPath, dataPath: request.dataPath }, trained)
    const bars = await barsOf(context, signals)
    if (bars === undefined && trained.law?.path.volatility.profile != null) lacks.push(NO_BARS)
    files.push(...parquetFiles(context, trained, graphs, { signals, bars }))
    if (request.formats.length > 1)
      files.push({ name: 'check.py', write: (path) => replaceFile(path, checkScript(), { signal }) })
  }
  const folder = absolute(cwd, request.outputDir)
  const paths = files.map((file) => join(folder, file.name))
  await withFolderLock(folder, { command: 'breakwater export' }, async () => {
    noteReplacedFiles(context, progress, paths)
    const step = progress.step(`export ${name.stage} ${name.ablation}`, files.length)
    for (const [done, file] of files.entries()) {
      signal.throwIfAborted()
      step.update(done, file.name)
      await file.write(join(folder, file.name))
    }
    step.end(`${files.length} files`)
  })
  return {
    ...name,
    anchors,
    heads: heads.map(([head]) => head),
    files: paths.map((path) => shown(cwd, path)),
    gives: request.formats.includes('onnx') ? exportedForecasts(trained) : null,
    notExported: lacks,
  }
}

const NO_BARS =
  'The rows have no numbers of the moment, and the check compares no forecast of the law: it was fitted on bars, and they are not where the signals name them'

const stem = ({ stage, ablation }: SetName, anchor: Anchor): string => `${stage}_${ablation}_${anchor}`

function anchorsOf({ bundles, details }: TrainedSet, asked: readonly Anchor[] | undefined): Anchor[] {
  const there = [...new Set([...bundles.values()].map(({ description }) => description.anchor))] as Anchor[]
  const absent = asked?.filter((anchor) => !there.includes(anchor)) ?? []
  if (absent.length === 0) return there.filter((anchor) => asked?.includes(anchor) !== false)
  throw new Error(
    `trainer: --anchors ${absent.join(' ')}: ${details.stage} ${details.ablation} has no head there. It has heads at ${there.join(', ')}.`,
  )
}

/**
 * The signals with the raw columns of each anchor's graph, times and dates in the calendar's types, and of every row by
 * the last fit: as `check_...` what the set serves, which the graph says too, and as `trees_...` what the trees of a head say alone, which
 * XGBoost says too. A script compares them.
 */
function parquetFiles(
  { signal }: Context,
  trained: TrainedSet,
  graphs: ReadonlyMap<Anchor, SetGraph>,
  { signals, bars }: { readonly signals: Signals; readonly bars: Bars | undefined },
): ExportFile[] {
  const name = { stage: trained.details.stage, ablation: trained.details.ablation }
  const source = { table: signals.table, bars, state: signals.state }
  const forecast = forecastTable(trained, signals.table, source)
  return [...graphs].map(([anchor, { inputs, heads }]): ExportFile => {
    const table = graphRows({ inputs, law: trained.law, anchor, signals: source })
    const column = (values: Float64Array | undefined): Column => ({
      type: 'number',
      values: values ?? new Float64Array(table.rows).fill(Number.NaN),
    })
    const checks: [string, Column][] = [
      ...heads.map(({ name: head, output }): [string, Column] => [
        `check_${output}`,
        column(forecast.served.get(head)),
      ]),
      ...[...trained.bundles]
        .filter(([, { description }]) => description.anchor === anchor)
        .map(([head]): [string, Column] => [`trees_${head}`, column(forecast.heads.get(head))]),
    ]
    const written: Table = { rows: table.rows, columns: { ...table.columns, ...Object.fromEntries(checks) } }
    return {
      name: `${stem(name, anchor)}.parquet`,
      write: (path) =>
        writeTable(path, written, { calendarTypes: true, metadata: { 'breakwater.data_hash': signals.hash }, signal }),
    }
  })
}
