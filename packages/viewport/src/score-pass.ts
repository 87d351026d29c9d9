import type { Anchor, Stage, Thresholds } from '@breakwater/features/vocabulary'
import type { EnsembleOptions } from './ensemble.ts'
import type { GateOptions } from './feasibility.ts'
import { type HeadPlaces, headPlaces } from './heads.ts'
import type { LevelEntry, LevelFailure } from './level-book.ts'
import type { NeighbourAnswer, NeighbourIndex, StageModels } from './parts.ts'
import { predictionPass } from './prediction-pass.ts'
import { type ChosenRow, messageOf } from './rows.ts'
import { AnswerError, type Answers, noScores, type Scores, serve, type ServeSettings, silentHeads } from './serve.ts'

/** A target whose row is new or has changed. */
export interface PendingTarget {
  readonly entry: LevelEntry
  readonly chosen: ChosenRow
}

/** What all stages share. */
export interface PassSettings {
  readonly timeframe: Anchor
  readonly horizons: readonly number[]
  /** Most rows of one pass. */
  readonly mostRows: number
  readonly thresholds: Thresholds
  readonly ensemble: EnsembleOptions
  readonly gate: GateOptions
}

/** Scores the changed rows of one stage. Holds its working memory. */
export interface StageScorer {
  readonly places: HeadPlaces
  readonly hasNeighbours: boolean
  /** Scores of a target that has none. */
  readonly none: Scores
  readonly generation: number
  /** Sets `entry.scored` of each: one pass over all rows and heads, then each row by itself, where its failure stays. */
  score(pending: readonly PendingTarget[]): void
}

const NO_MODELS: LevelFailure = { code: 'no_models', message: 'viewport: no predictor is loaded for the stage.' }

/** The scorer of a stage; `generation` distinguishes its scores from those of earlier models. */
export function stageScorer(
  stage: Stage,
  { predictor, neighbours }: StageModels,
  generation: number,
  settings: PassSettings,
): StageScorer {
  const places = headPlaces(predictor?.heads ?? [], settings.timeframe, settings.horizons)
  const pass = predictor === null ? null : predictionPass(predictor, settings.mostRows)
  return {
    places,
    hasNeighbours: neighbours !== null,
    none: noScores(places),
    generation,
    score(pending) {
      const failures = pass?.run(pending.map(({ chosen }) => chosen.values))
      for (const [i, { entry, chosen }] of pending.entries()) {
        const { row, basis } = chosen
        const failure = pass === null ? NO_MODELS : (failures?.[i] ?? null)
        const made =
          pass === null || failure !== null
            ? { scores: null, failure }
            : scoreRow(pass.answers(i), chosen, neighbours, {
                places,
                thresholds: settings.thresholds,
                ensemble: settings.ensemble,
                gate: settings.gate,
              })
        entry.scored = { row, revision: row.revision, stage, basis, generation, ...made }
      }
    },
  }
}

interface RowScores {
  readonly scores: Scores | null
  readonly failure: LevelFailure | null
}

function scoreRow(
  answers: Answers,
  { row, values, asOfNs, moved }: ChosenRow,
  index: NeighbourIndex | null,
  settings: ServeSettings,
): RowScores {
  const found = ask(index, values, asOfNs)
  try {
    const touch = { row: values, sign: row.sign, moved, neighbours: found.answer }
    const silent = silentHeads(answers, settings.places)
    const message = `viewport: no answer from ${silent.join(', ')}.`
    const failure = found.failure ?? (silent.length === 0 ? null : { code: 'head_failed' as const, message })
    return { scores: serve(answers, touch, settings), failure }
  } catch (error) {
    const code = error instanceof AnswerError ? 'predict_failed' : 'mix_failed'
    return { scores: null, failure: { code, message: messageOf(error) } }
  }
}

interface LookUp {
  readonly answer: NeighbourAnswer | null
  readonly failure: LevelFailure | null
}

function ask(index: NeighbourIndex | null, values: ChosenRow['values'], asOfNs: bigint): LookUp {
  if (index === null) return { answer: null, failure: null }
  try {
    const answer = index.query(values, asOfNs)
    if (!isPlain(answer.summary, MAX_SUMMARY_DEPTH)) throw new TypeError(NOT_PLAIN)
    return { answer, failure: null }
  } catch (error) {
    return {
      answer: { vote: { missing: 'the retrieval look-up failed' }, summary: null },
      failure: { code: 'retrieval_failed', message: messageOf(error) },
    }
  }
}

/** Objects and lists of a retrieval summary: the summary, its neighbours, one of them, a value of several. */
const MAX_SUMMARY_DEPTH = 6
const NOT_PLAIN = `viewport: neighbours.summary: must be plain JSON, at most ${MAX_SUMMARY_DEPTH} deep. Convert bigints.`

/** Whether JSON can represent a value, which is then nested at most `depth` deep. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint'
  return depth > 0 && Object.values(value).every((one) => isPlain(one, depth - 1))
}
