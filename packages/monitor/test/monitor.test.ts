import type { MinuteBar } from '@breakwater/features'
import {
  createMonitor,
  questionsOf,
  type CalibrationAlarm,
  type Monitor,
  type MonitorState,
  type PublishedForecast,
} from '@breakwater/monitor'
import { describe, expect, test } from 'vitest'
import { openOf, randomNumbers } from './market.ts'

const questions = questionsOf()
const HEAD = questions.findIndex(({ name }) => name === 't1_break_60s')
const DATES = ['2024-07-01', '2024-07-02', '2024-07-03', '2024-07-05', '2024-07-08']

/**
 * A market of one level of interest a moment: at each minute price stands at the level, and reaches $1 beyond it within the minute
 * with a chance that the forecasts know, plus `shift`.
 */
function runSessions(monitor: Monitor, sessions: readonly string[], shift: number, seed = 4): CalibrationAlarm[] {
  const random = randomNumbers(seed)
  const alarms: CalibrationAlarm[] = []
  let bars: MinuteBar[] = []
  for (const date of sessions) {
    const open = openOf(date)
    for (let slot = 0; slot < 200; slot++) {
      const tsNs = open + BigInt(slot) * 60_000_000_000n
      const p = 0.1 + 0.5 * random()
      const forecasts = (): PublishedForecast[] =>
        Array.from({ length: 3 }, (_, i): PublishedForecast => {
          const values = new Float64Array(questions.length).fill(Number.NaN)
          values[HEAD] = p
          const level = { levelId: `L${i}`, kind: 'ROUND', price: 500 + i, sign: 1 } as const
          return { ...level, tsNs, fromNs: tsNs, touchNs: null, spot: 500 + i, values, labels: {} }
        })
      for (const ms of [0, 250, 500]) {
        alarms.push(...monitor.tick({ tsNs: tsNs + BigInt(ms) * 1_000_000n, spot: 500, bars, forecasts }))
        bars = []
      }
      const high = random() < p + shift ? 503 : 500
      const minute = Number(tsNs / 60_000_000_000n)
      bars = [{ minute, open: 500, high, low: 500, close: 500, volume: 1 }]
    }
  }
  return alarms
}

describe('a monitor', () => {
  test('raises one alarm of the head, and one of the surface, where a head goes wrong, and says by how much', () => {
    const monitor = createMonitor({ questions })
    const alarms = runSessions(monitor, DATES, 0.2)
    expect(alarms.map(({ head }) => head).toSorted()).toEqual(['surface', 't1_break_60s'])
    const [first] = alarms
    expect(first?.evidence).toBeGreaterThanOrEqual(100)
    expect((first?.change?.meanOutcome ?? 0) - (first?.change?.meanForecast ?? 0)).toBeGreaterThan(0.1)
    expect(monitor.standings().find(({ head }) => head === 't1_break_60s')?.alarmed).toBe(true)
    monitor.reset()
    expect(monitor.standings()).toEqual([])
  })

  test('is silent while forecasts are calibrated, and its figures are those of the forecasts', () => {
    const monitor = createMonitor({ questions })
    expect(runSessions(monitor, DATES, 0)).toEqual([])
    const score = monitor.scores.score('t1_break_60s', 'recent')
    expect(score).toMatchObject({ sessions: 5, rows: monitor.counts.answered })
    expect(Math.abs((score?.meanForecast ?? 0) - (score?.meanOutcome ?? 1))).toBeLessThan(0.04)
    const intervals = monitor.scores.intervals('t1_break_60s', 1)
    expect(intervals?.brier.estimate).toBeCloseTo(score?.brier ?? 0, 12)
    expect(intervals?.brier.low).toBeLessThan(score?.brier ?? 0)
    expect(monitor.scores.score('t1_break_60s', 'today')?.sessions).toBe(1)
    expect(score?.curve.reduce((sum, { rows }) => sum + rows, 0)).toBe(score?.rows)
  })

  test('goes on from its state, to the same bits', () => {
    const once = createMonitor({ questions })
    runSessions(once, DATES.slice(0, 1), 0.1)
    const state = JSON.parse(JSON.stringify(once.state())) as MonitorState
    const resumed = createMonitor({ questions, state })
    expect(runSessions(resumed, DATES.slice(1, 3), 0.1, 9)).toEqual(runSessions(once, DATES.slice(1, 3), 0.1, 9))
    expect(resumed.state()).toEqual(once.state())
  })
})
