import type { BootstrapInterval } from '@breakwater/calibration'
import { brierScore, brierSkillBySession, sessionBlockBootstrap } from '@breakwater/calibration'

/** What is scored: each question's probability from neighbours, from the trees, and the base rate of training rows. */
export const QUESTIONS = ['p_break', 'p_break_given_tradeable', 'p_tradeable_2'] as const
/** One of {@link QUESTIONS}. */
export type QuestionName = (typeof QUESTIONS)[number]

/** One asked row: what was said and what became of it. */
export interface Forecast {
  readonly session: number
  readonly outcome: number
  readonly neighbours: number
  /** The base rate of the fold's training rows. */
  readonly base: number
  /** NaN where the trees have none. */
  readonly trees: number
}

/** A skill with its interval over resampled sessions; null where it does not exist. */
export interface Skill {
  readonly estimate: number | null
  readonly low: number | null
  readonly high: number | null
}

/** How well one question was answered with one k. Brier scores on the same rows; null without rows, or without trees. */
export interface QuestionScore {
  readonly question: QuestionName
  readonly k: number
  readonly rows: number
  readonly sessions: number
  readonly brier: { readonly neighbours: number | null; readonly base: number | null; readonly trees: number | null }
  /** 1 - Brier / Brier of the base rate, or of the trees. */
  readonly skillOverBase: Skill
  readonly skillOverTrees: Skill
}

const NONE: Skill = { estimate: null, low: null, high: null }

/** Scores forecasts on the rows that the trees have a probability for, or on all where they have none at all. */
export function scoreQuestion(
  question: QuestionName,
  k: number,
  forecasts: readonly Forecast[],
  seed: number,
): QuestionScore {
  const both = forecasts.filter(({ trees }) => !Number.isNaN(trees))
  const rows = both.length > 0 ? both : forecasts
  const sessions = new Set(rows.map(({ session }) => session)).size
  if (rows.length === 0) {
    const brier = { neighbours: null, base: null, trees: null }
    return { question, k, rows: 0, sessions, brier, skillOverBase: NONE, skillOverTrees: NONE }
  }
  const of = (key: keyof Forecast): Float64Array => Float64Array.from(rows, (row) => row[key])
  const [p, y, base, trees] = [of('neighbours'), of('outcome'), of('base'), of('trees')]
  const codes = Int32Array.from(rows, ({ session }) => session)
  const withTrees = both.length > 0
  const skills = sessionBlockBootstrap(
    codes,
    { base: brierSkillBySession(p, y, base), trees: brierSkillBySession(p, y, withTrees ? trees : base) },
    { seed },
  )
  return {
    question,
    k,
    rows: rows.length,
    sessions,
    brier: {
      neighbours: brierScore(p, y),
      base: brierScore(base, y),
      trees: withTrees ? brierScore(trees, y) : null,
    },
    skillOverBase: plain(skills.base),
    skillOverTrees: withTrees ? plain(skills.trees) : NONE,
  }
}

const plain = ({ estimate, low, high }: BootstrapInterval): Skill => ({ estimate, low, high })
