import { type Anchor, deriveHeads, findColumn, type FeatureSpec } from '@breakwater/features'
import { type Body, type Job, pack, type Packable, type ResultStore, unpack } from '@breakwater/jobs'
import type { Summary } from '@breakwater/retrieval'
import { ask } from '../index/ask.ts'
import type { IndexOptions } from '../index/fit-index.ts'
import { withFoldIndex } from '../index/fold-index.ts'
import type { IndexedRows } from '../index/indexed-rows.ts'
import { locate, type Predictions } from '../set/predictions.ts'
import type { Signals } from '../signals.ts'
import { dataHash, type JobData } from './data.ts'
import { doJobs, type JobsOptions, resultOf } from './run-jobs.ts'

/** Kind of jobs: the index of one fold, fitted and asked. */
export const INDEX_JOB = 'index'

/** What the neighbours of rows say, one value a row; NaN where they say nothing, and where no fold was asked. */
export interface NeighbourColumns {
  readonly pBreak: Float64Array
  readonly pBreakGivenTradeable: Float64Array
  readonly pTradeable2: Float64Array
  /** Filters given up; see `Summary` of retrieval. */
  readonly rung: Float64Array
  readonly distancePercentile: Float64Array
}

const COLUMNS = ['pBreak', 'pBreakGivenTradeable', 'pTradeable2', 'rung', 'distancePercentile'] as const

/** What is asked of the folds' indexes. */
export interface FoldsQuestion {
  readonly signals: Signals
  /** Their rows are asked, each at the anchor of `options`. */
  readonly predictions: Predictions
  /** What the anchor's heads see. */
  readonly features: readonly FeatureSpec[]
  readonly folds: readonly IndexedRows[]
  readonly options: IndexOptions
  /** Numbers of neighbours to ask for. */
  readonly ks: readonly number[]
}

/** Half-open ranges of rows in order: [from, to, from, to, ...]. */
type Ranges = readonly number[]

interface IndexJobOptions {
  readonly anchor: Anchor
  readonly k: number
  /** Null for no cap. */
  readonly episodeCap: number | null
  readonly ks: readonly number[]
  readonly features: readonly string[]
  readonly train: Ranges
  readonly asked: Ranges
}

/**
 * Asks the index of every fold, fitted on its training rows alone, about the rows that the fold predicted: a job a fold, the same
 * bits whoever does it. Resolves to columns by k, in the order of the predictions. Throws with the reasons where jobs fail.
 */
export async function askFoldsByJobs(
  question: FoldsQuestion,
  options: JobsOptions,
): Promise<ReadonlyMap<number, NeighbourColumns>> {
  const { signals, predictions, folds, ks } = question
  const located = locate(signals.table, predictions)
  const asked = folds.map(({ fold }) => placesOf(predictions, fold).toSorted((a, b) => rowAt(a) - rowAt(b)))
  function rowAt(place: number): number {
    return located[place] as number
  }
  const common = { program: options.program, data: dataHash({ signals }) }
  const jobs = folds.map((fold, i) => indexJob(common, question, fold, (asked[i] as Int32Array).map(rowAt)))
  await doJobs(jobs, options)
  const answers = new Map(ks.map((k) => [k, columnsOf(predictions.rows, () => Number.NaN)]))
  for (const [i, job] of jobs.entries()) {
    const found = await indexResult(job, options.results)
    for (const k of ks) spreadInto(answers.get(k) as NeighbourColumns, found.get(String(k)), asked[i] as Int32Array)
  }
  return answers
}

const placesOf = ({ fold, rows }: Predictions, wanted: number): Int32Array =>
  Int32Array.from({ length: rows }, (_, place) => place).filter((place) => fold[place] === wanted)

function columnsOf(rows: number, value: (row: number, column: (typeof COLUMNS)[number]) => number): NeighbourColumns {
  const column = (name: (typeof COLUMNS)[number]): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => value(row, name))
  return Object.fromEntries(COLUMNS.map((name) => [name, column(name)])) as unknown as NeighbourColumns
}

function spreadInto(into: NeighbourColumns, found: NeighbourColumns | undefined, places: Int32Array): void {
  if (found === undefined) return
  for (const name of COLUMNS) for (const [i, place] of places.entries()) into[name][place] = found[name][i] as number
}

/** What a job of an index came to, by the number of neighbours. Throws where it is not done. */
export async function indexResult(job: Job, results: ResultStore): Promise<ReadonlyMap<string, NeighbourColumns>> {
  return unpack(await resultOf(job, results)) as unknown as ReadonlyMap<string, NeighbourColumns>
}

/** The job that fits the index of some rows and asks it about others, which rise. */
export function indexJob(
  common: Pick<Job, 'program' | 'data'>,
  { features, options: { anchor, k, episodeCap }, ks }: Pick<FoldsQuestion, 'features' | 'options' | 'ks'>,
  { fold, train }: IndexedRows,
  asked: Int32Array,
): Job {
  const options: IndexJobOptions = {
    anchor,
    k,
    episodeCap: Number.isFinite(episodeCap) ? episodeCap : null,
    ks,
    features: features.map(({ name }) => name),
    train: rangesOf(Int32Array.from(train.keys()).filter((row) => train[row] !== 0)),
    asked: rangesOf(asked),
  }
  return { ...common, kind: INDEX_JOB, options: { ...options }, fold, heads: [] }
}

/** Rising rows as ranges. */
function rangesOf(rows: Int32Array): Ranges {
  const ranges: number[] = []
  for (const row of rows) {
    if (ranges.at(-1) === row) ranges[ranges.length - 1] = row + 1
    else ranges.push(row, row + 1)
  }
  return ranges
}

function rowsIn(ranges: Ranges): Int32Array {
  const rows: number[] = []
  for (let i = 0; i < ranges.length; i += 2) {
    for (let row = ranges[i] as number; row < (ranges[i + 1] as number); row++) rows.push(row)
  }
  return Int32Array.from(rows)
}

/** Fits the index of a job's fold and asks it. */
export const indexBody: Body<JobData> = async (job, { data: { signals }, signal, threads, onProgress }) => {
  const { anchor, k, episodeCap, ks, features, ...ranges } = job.options as unknown as IndexJobOptions
  const { thresholds, lookforwardSeconds: windowSeconds, table, schema } = signals
  const train = new Uint8Array(table.rows)
  for (const row of rowsIn(ranges.train)) train[row] = 1
  const rows = rowsIn(ranges.asked)
  const detail = `fold ${Number(job.fold) + 1} index`
  const request = {
    signals,
    targets: deriveHeads(table, { thresholds, windowSeconds, anchors: [anchor], horizons: [] }),
    features: features.map((name) => specOf(schema, name)),
    train,
    options: { anchor, k, episodeCap: episodeCap ?? Infinity },
    threads,
    onMeasured: (share: number) => onProgress(share / 2, detail),
  }
  const answers = await withFoldIndex(request, async ({ source, matrix }) => {
    const byK = new Map<string, Packable>()
    for (const [i, each] of ks.entries()) {
      const summaries = await ask(source, { table, matrix, rows, anchor, k: each }, signal, (done) =>
        onProgress((1 + (i + done / rows.length) / ks.length) / 2, detail),
      )
      byK.set(String(each), {
        ...columnsOf(rows.length, (row, name) => (summaries[row] as Summary)[name] ?? Number.NaN),
      })
    }
    return byK
  })
  return pack(answers)
}

function specOf(schema: Signals['schema'], name: string): FeatureSpec {
  const spec = findColumn(schema, name)
  if (spec !== undefined) return spec
  throw new Error(`models: feature ${name} of the job is not in the schema. Its schema is another one.`)
}
