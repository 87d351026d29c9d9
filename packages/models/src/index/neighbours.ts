import { type Anchor, type HeadTarget, parseHeadName, stringColumn } from '@breakwater/features'
import type { Summary } from '@breakwater/retrieval'
import type { Bundle } from '@breakwater/trees'
import { encodeAtAnchor } from '../at-anchor.ts'
import type { PredictedRows } from '../serve/serve.ts'
import type { TrainingDetails } from '../set/details.ts'
import { locate } from '../set/predictions.ts'
import type { Signals } from '../signals.ts'
import { ask } from './ask.ts'
import { anchorFeatures, type NeighbourOptions } from './fit-index.ts'
import { withFoldIndex } from './fold-index.ts'
import { type IndexedRows, trainingRows } from './indexed-rows.ts'

/** Predicted rows with their targets, and which of their sessions are wanted. */
export interface PredictedPart extends PredictedRows {
  readonly signals: Signals
  readonly targets: readonly HeadTarget[]
  /** Whether the rows of a session are wanted. */
  readonly keep: (date: string) => boolean
}

/** The answers of the neighbours of each predicted row of a part, by anchor; null where the row was not queried. */
export type NeighbourAnswers = (part: PredictedPart, anchor: Anchor) => readonly (Summary | null)[]

/** What a look-up needs of a trained set, in memory or read from files. */
export interface IndexedSet {
  readonly details: Pick<TrainingDetails, 'plan' | 'options'>
  /** By head. */
  readonly bundles: ReadonlyMap<string, Bundle>
}

/** What is asked. */
export interface NeighbourQuestion {
  readonly trained: IndexedSet
  /** The first holds the signals of the training. */
  readonly parts: readonly PredictedPart[]
  readonly options: NeighbourOptions
  /** Worker threads at most; default one per processor. */
  readonly threads?: number | undefined
  readonly signal?: AbortSignal
  /** Called with the questions answered so far and all of them. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Asks, for every predicted row that is kept, an index fitted on the training rows of the row's fold alone, with the
 * columns that the anchor's heads see: no validation, calibration or test date is in it, and the fold's own encoder is
 * used. Each row is asked at its anchor, so only outcomes known by then count.
 */
export async function askNeighbours(question: NeighbourQuestion): Promise<NeighbourAnswers> {
  const { trained, parts, onProgress } = question
  const [training] = parts
  const anchors = anchorsOf(trained)
  const answers = new Map(parts.map((part) => [part, emptyAnswers(part, anchors)]))
  if (training === undefined) return answersOf(answers)
  const jobs = trainingRows(trained.details, training.signals).flatMap((fold) =>
    anchors.map((anchor) => ({ fold, anchor, wanted: parts.map((part) => wantedPlaces(part, fold)) })),
  )
  const total = jobs.reduce((sum, { wanted }) => sum + wanted.reduce((rows, { length }) => rows + length, 0), 0)
  let done = 0
  for (const job of jobs) {
    const asked = await askFold(question, job, (rows) => onProgress?.(done + rows, total))
    for (const [i, summaries] of asked.entries()) {
      const into = answers.get(parts[i] as PredictedPart)?.get(job.anchor) as (Summary | null)[]
      for (const [j, summary] of summaries.entries()) into[job.wanted[i]?.[j] as number] = summary
      done += summaries.length
    }
  }
  onProgress?.(total, total)
  return answersOf(answers)
}

type Answers = ReadonlyMap<PredictedPart, ReadonlyMap<Anchor, (Summary | null)[]>>

const answersOf =
  (answers: Answers): NeighbourAnswers =>
  (part, anchor) =>
    answers.get(part)?.get(anchor) ?? []

function emptyAnswers(part: PredictedPart, anchors: readonly Anchor[]): Map<Anchor, (Summary | null)[]> {
  const none = (): null[] => Array.from({ length: part.predictions.rows }, () => null)
  return new Map(anchors.map((anchor) => [anchor, none()]))
}

/** Anchors with a trained head. */
function anchorsOf({ bundles }: IndexedSet): Anchor[] {
  const names = [...bundles.keys()].flatMap((name) => parseHeadName(name)?.anchor ?? [])
  return [...new Set(names)]
}

/** Places among the predicted rows of a part that the fold predicted and that are kept. */
function wantedPlaces({ signals, predictions, keep }: PredictedPart, { fold }: IndexedRows): Int32Array {
  const rows = locate(signals.table, predictions)
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  return Int32Array.from({ length: predictions.rows }, (_, place) => place).filter(
    (place) => predictions.fold[place] === fold && keep(dictionary[codes[rows[place] as number] as number] as string),
  )
}

interface Job {
  readonly fold: IndexedRows
  readonly anchor: Anchor
  readonly wanted: readonly Int32Array[]
}

/** The answers of one fold's index at one anchor for the wanted rows of each part. */
async function askFold(
  { trained, parts, options, threads, signal }: NeighbourQuestion,
  { fold, anchor, wanted }: Job,
  onRows: (done: number) => void,
): Promise<Summary[][]> {
  const [training] = parts as readonly [PredictedPart]
  if (wanted.every(({ length }) => length === 0)) return wanted.map(() => [])
  const { signals, targets } = training
  const { features } = anchorFeatures(trained.bundles, signals.schema, anchor)
  const request = { signals, targets, features, train: fold.train, options: { ...options, anchor }, threads }
  return await withFoldIndex(request, async ({ source, encoder, matrix }) => {
    const answers: Summary[][] = []
    for (const [i, part] of parts.entries()) {
      const { table } = part.signals
      const located = locate(table, part.predictions)
      const rows = (wanted[i] as Int32Array).map((place) => located[place] as number)
      const encoded = table === signals.table ? matrix : encodeAtAnchor(encoder, table, anchor).matrix
      const question = {
        table,
        matrix: encoded,
        rows,
        anchor,
        k: options.k,
        horizons: trained.details.options.horizons,
      }
      const before = answers.reduce((sum, { length }) => sum + length, 0)
      answers.push(await ask(source, question, signal, (done) => onRows(before + done)))
    }
    return answers
  })
}
