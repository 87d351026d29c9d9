import { availableParallelism } from 'node:os'
import { encodeTable, fitEncoder, parseHeadName, stringColumn } from '@breakwater/features'
import type { Anchor } from '@breakwater/features'
import type { Summary } from '@breakwater/retrieval'
import { createPool } from '@breakwater/retrieval/node'
import type { Context } from '../context.ts'
import { locate } from '../evaluation/collect.ts'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'
import type { TrainedSet } from '../evaluation/sets.ts'
import { ask } from '../indexing/ask.ts'
import { setFeatures } from '../indexing/features.ts'
import { fitOnRows, trainingRows } from '../indexing/fold-index.ts'
import type { AskedFold } from '../indexing/fold-index.ts'
import type { Progress, Step } from '../progress.ts'

/** How neighbours are looked up. */
export interface NeighbourOptions {
  readonly k: number
  readonly episodeCap: number
}

/** What the neighbours of each predicted row of a part say, by anchor; null where the row was not asked about. */
export type NeighbourAnswers = (part: ScoredPart, anchor: Anchor) => readonly (Summary | null)[]

/** What is asked. */
export interface NeighbourInput {
  readonly trained: TrainedSet
  /** The first holds the signals of the training. */
  readonly parts: readonly ScoredPart[]
  readonly options: NeighbourOptions
}

/**
 * Asks, for every predicted row that is kept, an index fitted on the training rows of the row's fold alone, with the
 * columns that the anchor's heads see: no validation, calibration or test date is in it, and the fold's own encoder is
 * used. Each row is asked at its anchor, so only outcomes known by then count.
 */
export async function askNeighbours(
  context: Context,
  progress: Progress,
  { trained, parts, options }: NeighbourInput,
): Promise<NeighbourAnswers> {
  const [training] = parts
  const anchors = anchorsOf(trained)
  const answers = new Map(parts.map((part) => [part, emptyAnswers(part, anchors)]))
  if (training === undefined) return answersOf(answers)
  const jobs = trainingRows(trained, training.signals).flatMap((fold) =>
    anchors.map((anchor) => ({ fold, anchor, wanted: parts.map((part) => wantedPlaces(part, fold)) })),
  )
  const { stage, ablation } = trained.details
  const total = jobs.reduce((sum, { wanted }) => sum + wanted.reduce((rows, { length }) => rows + length, 0), 0)
  const step = progress.step(`neighbours of ${stage} ${ablation}`, total)
  let done = 0
  for (const job of jobs) {
    const asked = await askFold(context, { trained, parts, options }, job, (rows) => step.update(done + rows))
    for (const [i, summaries] of asked.entries()) {
      const into = answers.get(parts[i] as ScoredPart)?.get(job.anchor) as (Summary | null)[]
      for (const [j, summary] of summaries.entries()) into[job.wanted[i]?.[j] as number] = summary
      done += summaries.length
    }
  }
  step.end(`${total} questions`)
  return answersOf(answers)
}

type Answers = ReadonlyMap<ScoredPart, ReadonlyMap<Anchor, (Summary | null)[]>>

const answersOf =
  (answers: Answers): NeighbourAnswers =>
  (part, anchor) =>
    answers.get(part)?.get(anchor) ?? []

function emptyAnswers(part: ScoredPart, anchors: readonly Anchor[]): Map<Anchor, (Summary | null)[]> {
  const none = (): null[] => Array.from({ length: part.predictions.rows }, () => null)
  return new Map(anchors.map((anchor) => [anchor, none()]))
}

/** Anchors with a trained head. */
function anchorsOf({ bundles }: TrainedSet): Anchor[] {
  const names = [...bundles.bundles.keys()].flatMap((name) => parseHeadName(name)?.anchor ?? [])
  return [...new Set(names)]
}

/** Places among the predicted rows of a part that the fold predicted and that are kept. */
function wantedPlaces({ signals, predictions, keep }: ScoredPart, { fold }: AskedFold): Int32Array {
  const rows = locate(signals.table, predictions)
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  return Int32Array.from({ length: predictions.rows }, (_, place) => place).filter(
    (place) => predictions.fold[place] === fold && keep(dictionary[codes[rows[place] as number] as number] as string),
  )
}

interface Job {
  readonly fold: AskedFold
  readonly anchor: Anchor
  readonly wanted: readonly Int32Array[]
}

const quiet: Step = { update: () => undefined, end: () => undefined }

/** The answers of one fold's index at one anchor for the wanted rows of each part. */
async function askFold(
  context: Context,
  { trained, parts, options }: NeighbourInput,
  { fold, anchor, wanted }: Job,
  onRows: (done: number) => void,
): Promise<Summary[][]> {
  const [training] = parts as readonly [ScoredPart]
  if (wanted.every(({ length }) => length === 0)) return wanted.map(() => [])
  const { signals, targets } = training
  const { features } = setFeatures(trained.bundles, signals.schema, anchor)
  const encoder = fitEncoder(signals.table, features, { rows: fold.train })
  const { index, matrix } = fitOnRows(signals, targets, encoder, fold.train, { ...options, anchor }, quiet)
  const pool = createPool(index, { threads: availableParallelism() })
  const answers: Summary[][] = []
  try {
    for (const [i, part] of parts.entries()) {
      const { table } = part.signals
      const located = locate(table, part.predictions)
      const rows = (wanted[i] as Int32Array).map((place) => located[place] as number)
      const encoded = table === signals.table ? matrix : encodeTable(encoder, table).matrix
      const question = {
        table,
        matrix: encoded,
        rows,
        anchor,
        k: options.k,
        horizons: trained.details.options.horizons,
      }
      const before = answers.reduce((sum, { length }) => sum + length, 0)
      answers.push(await ask(pool, question, context.signal, (done) => onRows(before + done)))
    }
  } finally {
    await pool.close()
  }
  return answers
}
