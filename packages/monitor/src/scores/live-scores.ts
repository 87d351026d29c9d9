import { type BootstrapInterval, sessionBlockBootstrap, smoothEceOfSums } from '@breakwater/calibration'
import { conditionOfAnswer, headUnder } from '../alarms/watch.ts'
import type { ResolvedForecast } from '../outcomes/forecast.ts'
import type { Question } from '../outcomes/question.ts'
import { addToTally, CURVE_CELLS, emptyTally, sumOfTallies, type Tally } from './tally.ts'

/** Tallies of one session by head. */
interface SessionTallies {
  readonly date: string
  readonly heads: [string, Tally][]
}

/** Running scores as plain JSON. */
export interface ScoresState {
  readonly version: 1
  readonly sessions: SessionTallies[]
}

/** A cell of a running reliability curve that has forecasts. */
export interface CurvePoint {
  readonly rows: number
  readonly meanForecast: number
  readonly meanOutcome: number
}

/** Scores of a head over some sessions; null where they do not exist. */
export interface LiveScore {
  readonly head: string
  readonly sessions: number
  readonly rows: number
  readonly meanForecast: number
  readonly meanOutcome: number
  /** Brier score of probabilities, mean squared error of dollars. */
  readonly brier: number
  readonly logLoss: number | null
  readonly smoothEce: number | null
  /** Share of answers that lay in the published interval. */
  readonly coverage: number | null
  /** Brier score and log loss saved over the reference, on the rows that have one; positive is better. */
  readonly gain: { readonly rows: number; readonly brier: number; readonly logLoss: number | null } | null
  readonly curve: readonly CurvePoint[]
}

/** Which forecasts a score is of. */
export type Span = 'today' | 'recent'

/** Scores of the last sessions, kept as sums. One caller at a time. */
export interface LiveScores {
  begin(date: string): void
  take(resolved: readonly ResolvedForecast[]): void
  heads(): string[]
  /** Scores of this session, or of the last ones with it; null without an answer. */
  score(head: string, span: Span): LiveScore | null
  /** Intervals of Brier score, log loss and smooth ECE that resample whole sessions. */
  intervals(head: string, seed: number): Readonly<Record<'brier' | 'log_loss' | 'smooth_ece', BootstrapInterval>> | null
  state(): ScoresState
}

/**
 * Scores before the first answer, or at a state, of the last `sessions` sessions. Forecasts that overlap are all counted: the
 * figures describe, and their intervals resample whole sessions (see `sessionBlockBootstrap`); whether calibration has been
 * lost is for the watch to say. Memory: 200 numbers a head and session.
 */
export function createLiveScores(
  questions: readonly Question[],
  { sessions: most = 20, state }: { readonly sessions?: number; readonly state?: ScoresState } = {},
): LiveScores {
  const sessions: SessionTallies[] = structuredClone(state?.sessions ?? [])
  const today = new Map<string, Tally>(sessions.at(-1)?.heads)
  const of = (head: string, span: Span): Tally[] => {
    const chosen = span === 'today' ? sessions.slice(-1) : sessions
    return chosen.flatMap(({ heads }) => heads.filter(([name]) => name === head).map(([, tally]) => tally))
  }
  return {
    begin(date) {
      if (sessions.at(-1)?.date === date) return
      sessions.push({ date, heads: [] })
      if (sessions.length > most) sessions.shift()
      today.clear()
    },
    take(resolved) {
      const session = sessions.at(-1)
      if (session === undefined) return
      for (const { forecast, from, to, outcomes } of resolved) {
        for (let q = from; q < to; q++) {
          const outcome = outcomes[q] as number
          const question = questions[q] as Question
          if (Number.isNaN(outcome)) continue
          const name = headUnder(question.name, conditionOfAnswer(forecast, question))
          let tally = today.get(name)
          if (tally === undefined) {
            tally = emptyTally(question.task === 'binary')
            today.set(name, tally)
            session.heads.push([name, tally])
          }
          addToTally(tally, {
            value: forecast.values[q] as number,
            outcome,
            reference: forecast.reference?.[q] ?? Number.NaN,
            low: forecast.low?.[q] ?? Number.NaN,
            high: forecast.high?.[q] ?? Number.NaN,
          })
        }
      }
    },
    heads: () => [...new Set(sessions.flatMap(({ heads }) => heads.map(([name]) => name)))].toSorted(),
    score(head, span) {
      const tallies = of(head, span)
      const total = sumOfTallies(tallies)
      return total.rows === 0 ? null : scoreOf(head, tallies.length, total)
    },
    intervals(head, seed) {
      const tallies = of(head, 'recent')
      if (tallies.length === 0 || tallies[0]?.smooth.length === 0) return null
      const drawn = (read: (total: Tally) => number) => () => (draws: Float64Array) => {
        const total = sumOfTallies(tallies, draws)
        return total.rows === 0 ? null : read(total)
      }
      return sessionBlockBootstrap(
        Int32Array.from(tallies.keys()),
        {
          brier: drawn(({ squares, rows }) => squares / rows),
          log_loss: drawn(({ logLoss, rows }) => logLoss / rows),
          smooth_ece: drawn(({ smooth, rows }) => smoothEceOfSums(Float64Array.from(smooth), rows)),
        },
        { seed, samples: 200 },
      )
    },
    state: () => structuredClone({ version: 1, sessions }),
  }
}

function scoreOf(head: string, sessions: number, total: Tally): LiveScore {
  const { rows, referenceRows } = total
  const isBinary = total.smooth.length > 0
  return {
    head,
    sessions,
    rows,
    meanForecast: total.sumP / rows,
    meanOutcome: total.sumY / rows,
    brier: total.squares / rows,
    logLoss: isBinary ? total.logLoss / rows : null,
    smoothEce: isBinary ? smoothEceOfSums(Float64Array.from(total.smooth), rows) : null,
    coverage: total.intervals === 0 ? null : total.covered / total.intervals,
    gain:
      referenceRows === 0
        ? null
        : {
            rows: referenceRows,
            brier: (total.referenceSquares - total.ownSquares) / referenceRows,
            logLoss: isBinary ? (total.referenceLogLoss - total.ownLogLoss) / referenceRows : null,
          },
    curve: Array.from({ length: isBinary ? CURVE_CELLS : 0 }, (_, cell) => {
      const [inCell = 0, sumP = 0, sumY = 0] = total.curve.slice(3 * cell, 3 * cell + 3)
      return { rows: inCell, meanForecast: sumP / inCell, meanOutcome: sumY / inCell }
    }).filter((point) => point.rows > 0),
  }
}
