import { censoredCalibration } from '@breakwater/calibration'
import { parseHeadName, reachTimes } from '@breakwater/features'
import type { HeadTarget, ReachTimes } from '@breakwater/features'
import { type ForecastBlock, headForecasts } from '../blocks.ts'
import type { CensoredScores } from '../documents/side-by-side.ts'

const BINS = 5

/**
 * A reach head's forecasts against all touches that could reach, those whose window was cut short included, by column;
 * empty for other heads. A column without such rows is absent. `level` is that of the intervals of incidence.
 */
export function censoredScores(
  blocks: readonly ForecastBlock[],
  head: Pick<HeadTarget, 'name' | 'task'>,
  level: number,
): ReadonlyMap<string, CensoredScores> {
  const question = parseHeadName(head.name)?.question
  if (question?.kind !== 'reach') return new Map()
  const { horizon } = question
  const seen = new Map(blocks.map((block) => [block, timesOf(block, head.name)]))
  const { forecasts, places } = headForecasts(blocks, head, (block) => seen.get(block)?.mask ?? new Uint8Array())
  if (places.length === 0) return new Map()
  const events = {
    times: Float64Array.from(places, ({ block, row }) => seen.get(block)?.times[row] ?? Number.NaN),
    causes: Float64Array.from(places, ({ block, row }) => seen.get(block)?.causes[row] ?? Number.NaN),
  }
  return new Map(
    [...forecasts.columns].map(([id, p]) => {
      const curve = censoredCalibration(p, events, { horizon, bins: BINS, level })
      const scores: CensoredScores = {
        horizon,
        rows: p.length,
        censored: curve.bins.reduce((sum, { censored }) => sum + censored, 0),
        mean_prediction: p.reduce((sum, value) => sum + value, 0) / p.length,
        incidence: curve.overall,
        error: curve.error,
        bins: curve.bins,
      }
      return [id, scores]
    }),
  )
}

function timesOf({ signals: { table, thresholds, lookforwardSeconds } }: ForecastBlock, head: string): ReachTimes {
  return reachTimes(table, head, { thresholds, windowSeconds: lookforwardSeconds })
}
