import { headForecasts, score } from '@breakwater/evaluation'
import { baseColumn, servedColumn, setBlocks } from '@breakwater/evaluation/sets'
import { describe, expect, test } from 'vitest'
import { mertonBars, type Process, trainOnBars } from './merton-set.ts'

const SESSIONS = 24
const PLAN = { folds: 1, testSessions: 8, valSessions: 4, embargoSessions: 0 }
/** With fewer events in the test sessions an interval says nothing of what they would cost; a head without any loses what its rate is above 0. */
const FEWEST_EVENTS = 10

/** Bands of 50 cents and a dollar, left by a diffusion or by jumps alone. */
const REGIMES: readonly (readonly [string, number, Process])[] = [
  ['jumps of two bands, one in two days', 1, { sigma: 0.05, rate: 0.0013, mean: 0, deviation: 2 }],
  ['jumps of half the band, four a day', 2, { sigma: 0.05, rate: 0.01, mean: 0, deviation: 0.5 }],
  ['jumps that lean upwards', 3, { sigma: 0.05, rate: 0.005, mean: 0.5, deviation: 1 }],
  ['jumps beside a diffusion that leaves the band', 4, { sigma: 0.15, rate: 0.01, mean: 0, deviation: 1 }],
]

interface HeadGain {
  readonly name: string
  readonly task: string
  readonly events: number
  readonly estimate: number
  readonly high: number
}

/** What is served of every head beside its base rate or median, with the upper ends of intervals that hold together for all heads of a set. */
async function gainsIn(process: Process, seed: number): Promise<HeadGain[]> {
  const bars = mertonBars(process, SESSIONS, seed)
  const { trained, part } = await trainOnBars({ bars, thresholds: [0.5, 1], plan: PLAN })
  const blocks = setBlocks([part], [servedColumn(), baseColumn(trained)])
  const { heads } = trained.details
  return heads.flatMap((head): HeadGain[] => {
    const { forecasts } = headForecasts(blocks, head)
    const { targets } = forecasts
    if (targets.length === 0) return []
    const metric = head.task === 'binary' ? 'gain_log_loss' : 'gain_mae'
    const resampling = { seed: 1, samples: 4000, level: 1 - 0.05 / heads.length }
    const all = score(forecasts, { metrics: [metric], columns: ['served'], baseline: 'base', resampling })
    const gain = all.columns.get('served')?.metrics[metric]
    const ones = targets.reduce((sum, target) => sum + target, 0)
    const events = head.task === 'binary' ? Math.min(ones, targets.length - ones) : targets.length
    const { estimate = null, high = null } = gain ?? {}
    return [{ name: head.name, task: head.task, events, estimate: estimate ?? 0, high: high ?? Infinity }]
  })
}

// Forty seconds, together.
describe('what a set serves of jump diffusions', { timeout: 600_000 }, () => {
  test.each(REGIMES)(
    'is in no head worse than its base rate by more than its interval: %s',
    async (_, seed, process) => {
      const gains = await gainsIn(process, seed)
      expect(gains).toHaveLength(27)
      const judged = gains.filter(({ events }) => events >= FEWEST_EVENTS)
      expect(judged.length).toBeGreaterThanOrEqual(8)
      expect(judged.filter(({ high }) => high < 0)).toEqual([])
      // Strength is better than its median beyond doubt.
      expect(gains.find(({ task }) => task === 'regression')?.estimate).toBeGreaterThan(0)
    },
  )

  test.each([102, 103])('direction loses nothing where training saw two or three jumps: seed %i', async (seed) => {
    const gains = await gainsIn({ sigma: 0.05, rate: 0.0005, mean: 0, deviation: 2 }, seed)
    const direction = gains.find(({ name }) => name === 'direction')
    expect(direction?.estimate).toBeGreaterThan(0)
  })
})
