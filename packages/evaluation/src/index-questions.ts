import type { Score } from './documents/figures.ts'
import type { QuestionName, QuestionScore } from './documents/index-evaluation.ts'
import type { Forecasts } from './forecasts.ts'
import { columnScores, score } from './score.ts'
import { NO_LAW } from './scoring/beyond.ts'
import { figuresOf } from './side-by-side.ts'

/** The questions of the neighbours, in the order of the document. */
export const QUESTIONS: readonly QuestionName[] = ['p_break', 'p_break_given_tradeable', 'p_tradeable_2']

const NONE: Score = { estimate: null, low: null, high: null }

/**
 * Scores the answers of k neighbours to a question against the base rate of the training rows, and against what the set serves:
 * `forecasts` has the columns `neighbours` and `base`, `served` where it has probabilities, and `law` where the set has one. Nulls without rows.
 */
export function scoreQuestion(question: QuestionName, k: number, forecasts: Forecasts, seed: number): QuestionScore {
  const about = { question, k, rows: forecasts.targets.length, sessions: new Set(forecasts.sessions).size }
  if (about.rows === 0) {
    const brier = { neighbours: null, base: null, served: null }
    return { ...about, brier, brier_skill: { base: NONE, served: NONE, law: NONE } }
  }
  const plain = score(forecasts, { metrics: ['brier'] })
  const brierOf = (id: string): number | null => columnScores(plain, id).metrics.brier.estimate
  const isServed = forecasts.columns.has('served')
  return {
    ...about,
    brier: { neighbours: brierOf('neighbours'), base: brierOf('base'), served: isServed ? brierOf('served') : null },
    brier_skill: {
      base: skillOver(forecasts, 'base', seed),
      served: isServed ? skillOver(forecasts, 'served', seed) : NONE,
      law: forecasts.columns.has('law') ? skillOver(forecasts, 'law', seed) : { ...NONE, reason: NO_LAW },
    },
  }
}

function skillOver(forecasts: Forecasts, reference: string, seed: number): Score {
  const scores = score(forecasts, {
    metrics: ['brier_skill'],
    columns: ['neighbours'],
    reference,
    resampling: { seed },
  })
  return figuresOf(columnScores(scores, 'neighbours').metrics.brier_skill)
}
