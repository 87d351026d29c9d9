import type { Anchor, Stage, Thresholds } from '@breakwater/features/vocabulary'
import { AnswerError, type Answers, silentHeads } from './answers.ts'
import type { EnsembleOptions } from './ensemble.ts'
import type { GateOptions } from './feasibility.ts'
import { type HeadPlaces, headPlaces, pathPlaces } from './heads.ts'
import type { LevelEntry, LevelFailure, LookUp, ScoredRow } from './level-book.ts'
import type { MixKind } from './mix-terms.ts'
import type { FeatureCount, NeighbourIndex, PathForecaster, Predictions, StageModels } from './parts.ts'
import type { AskedPath } from './path.ts'
import { predictionPass, predictionsFor } from './prediction-pass.ts'
import { type ChosenRow, messageOf } from './rows.ts'
import { namedPlaces, noScores, type Scores, serve, type ServeSettings } from './serve.ts'
import type { ScoreSource } from './target.ts'

/** A target to score: by the row of its touch, and where there is a forecaster by its path. */
export interface PendingTarget {
  readonly entry: LevelEntry
  /** null where a path has no row. */
  readonly chosen: ChosenRow | null
  /** null where the heads answer. */
  readonly path: AskedPath | null
  readonly asOfNs: bigint
  /** Seconds since the anchor that the heads answer for; 0 before it. */
  readonly sinceAnchorS: number
  /** Why a path has no row although it should; null where it has one. */
  readonly lack: LevelFailure | null
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
  readonly mix: MixKind | null
  readonly source: ScoreSource
  readonly windowSeconds: number
  readonly cost: number
}

/** Scores the rows of one stage. Holds its working memory. */
export interface StageScorer {
  readonly places: HeadPlaces
  readonly hasNeighbours: boolean
  /** Answers at every tick; null where the heads answer. */
  readonly forecaster: PathForecaster | null
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
  { predictor, neighbours, path, mix: trained = null }: StageModels,
  generation: number,
  settings: PassSettings,
): StageScorer {
  const forecaster = settings.source === 'law' ? (path ?? null) : null
  const ofPath = forecaster === null ? null : pathPlaces(forecaster.heads, settings.horizons)
  const places = ofPath ?? headPlaces(predictor?.heads ?? [], settings.timeframe, settings.horizons)
  const serving: ServeSettings = {
    ...settings,
    places,
    path: ofPath,
    mix: settings.mix ?? trained?.kind ?? null,
    fitted: trained?.fitted ?? null,
  }
  const pass = predictor === null || forecaster !== null ? null : predictionPass(predictor, settings.mostRows)
  const alone = forecaster === null ? null : predictionsFor(forecaster.heads.length)
  return {
    // Strength is made of the expected extremes.
    places:
      ofPath === null ? places : { ...places, missing: places.missing.filter((head) => head !== 'strength_signed') },
    hasNeighbours: neighbours !== null,
    forecaster,
    none: noScores(places),
    generation,
    score(pending) {
      const failures = pass?.run(pending.map(({ chosen }) => chosen?.values ?? {}))
      for (const [i, one] of pending.entries()) {
        const found = neighboursOf(one, neighbours, { stage, generation })
        const answered =
          forecaster !== null && alone !== null
            ? pathAnswers(forecaster, one, alone)
            : { answers: pass?.answers(i) ?? null, features: null, failure: failures?.[i] ?? null }
        const { scores, failure } = scoreOne(answered, one, found, serving)
        one.entry.scored = {
          row: one.chosen?.row ?? null,
          revision: one.chosen?.row.revision ?? -1,
          stage,
          basis: one.chosen?.basis ?? null,
          generation,
          sign: one.path?.sign ?? one.chosen?.row.sign ?? 1,
          asOfNs: one.asOfNs,
          features: answered.features,
          found,
          scores,
          failure: failure ?? one.lack,
        }
      }
    },
  }
}

interface RowAnswers {
  /** null where no model is loaded. */
  readonly answers: Answers | null
  readonly features: FeatureCount | null
  readonly failure: LevelFailure | null
}

function pathAnswers(forecaster: PathForecaster, { path }: PendingTarget, out: Predictions): RowAnswers {
  if (path === null) return { answers: null, features: null, failure: null }
  try {
    return { answers: out, features: forecaster.forecast(path.moment, out), failure: null }
  } catch (error) {
    return { answers: null, features: null, failure: { code: 'predict_failed', message: messageOf(error) } }
  }
}

interface RowScores {
  readonly scores: Scores | null
  readonly failure: LevelFailure | null
}

function scoreOne(
  { answers, failure }: RowAnswers,
  { chosen, path, sinceAnchorS }: PendingTarget,
  found: LookUp,
  settings: ServeSettings,
): RowScores {
  if (failure !== null) return { scores: null, failure }
  if (answers === null) return { scores: null, failure: NO_MODELS }
  try {
    const sign = path?.sign ?? chosen?.row.sign ?? null
    const touch = {
      row: chosen?.values ?? {},
      sign,
      moved: chosen?.moved ?? null,
      neighbours: found.answer,
      path: path?.served ?? null,
      sinceAnchorS,
    }
    const silent = silentHeads(answers, namedPlaces(settings.places))
    const message = `viewport: no answer from ${silent.join(', ')}.`
    const lost = found.failure ?? (silent.length === 0 ? null : { code: 'head_failed' as const, message })
    return { scores: serve(answers, touch, settings), failure: lost }
  } catch (error) {
    const code = error instanceof AnswerError ? 'predict_failed' : 'mix_failed'
    return { scores: null, failure: { code, message: messageOf(error) } }
  }
}

const NO_LOOK_UP: LookUp = { answer: null, failure: null }

/** The neighbours of a target's row: those of the tick before where row and models are the same. */
function neighboursOf(
  { entry, chosen }: PendingTarget,
  index: NeighbourIndex | null,
  { stage, generation }: Pick<ScoredRow, 'stage' | 'generation'>,
): LookUp {
  if (index === null || chosen === null) return NO_LOOK_UP
  const { scored } = entry
  const isSame =
    scored !== null &&
    scored.found.failure === null &&
    scored.row === chosen.row &&
    scored.revision === chosen.row.revision &&
    scored.basis === chosen.basis &&
    scored.stage === stage &&
    scored.generation === generation
  return isSame ? scored.found : askNeighbours(index, chosen.values, chosen.asOfNs)
}

function askNeighbours(index: NeighbourIndex, values: ChosenRow['values'], asOfNs: bigint): LookUp {
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
