import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { censoredCalibration, cumulativeIncidence } from '@breakwater/calibration'
import { uniforms } from './forecasts.ts'
import { oracles } from './oracles.ts'

describe('cumulativeIncidence', () => {
  test('is lifelines Aalen-Johansen for two competing events, variance too', () => {
    const { times, causes, incidence } = oracles.competing
    expect(incidence).toHaveLength(6)
    for (const { cause, horizon, estimate, variance } of incidence) {
      const { estimate: found, low, high } = cumulativeIncidence({ times, causes }, { horizon, cause })
      expect(found).toBeCloseTo(estimate, 10)
      // undo the log(-log) interval to get the deviation back
      const [l = 0, h = 0] = [low ?? 0, high ?? 0].map((end) => Math.log(-Math.log(end)))
      const deviation = (((l - h) / 2 / 1.959963985) * estimate * -Math.log(estimate)) ** 2
      expect(deviation).toBeCloseTo(variance, 7)
    }
  })

  test('is 1 - Kaplan-Meier for one event, with ties', () => {
    const { times, causes, incidence } = oracles.oneCause
    for (const { horizon, estimate } of incidence) {
      expect(cumulativeIncidence({ times, causes }, { horizon }).estimate).toBeCloseTo(estimate, 12)
    }
  })

  test('is the plain share where nothing is lost, and the events share what happens', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 0, max: 6 }),
        (rows, horizon) => {
          const events = { times: rows.map(([time]) => time), causes: rows.map(([, cause]) => cause) }
          for (const cause of [1, 2, 3]) {
            const share = rows.filter(([time, which]) => time <= horizon && which === cause).length / rows.length
            expect(cumulativeIncidence(events, { horizon, cause }).estimate).toBeCloseTo(share, 12)
          }
        },
      ),
    )
  })

  test('counts events before losses at a tie, worked by hand', () => {
    // at 60: one event of 4 seen; a loss; at 120: one event of 2 seen: 1/4 + 3/4 x 1/2
    const { estimate } = cumulativeIncidence({ times: [60, 60, 120, 180], causes: [1, 0, 1, 0] }, { horizon: 120 })
    expect(estimate).toBeCloseTo(1 / 4 + 3 / 8, 15)
  })

  test('has no estimate past the last row seen, and no interval of never or always, with reasons', () => {
    expect(cumulativeIncidence({ times: [60, 30], causes: [0, 0] }, { horizon: 120 })).toStrictEqual({
      estimate: null,
      low: null,
      high: null,
      reason: 'every row was censored before the horizon',
    })
    expect(cumulativeIncidence({ times: [200], causes: [0] }, { horizon: 120 })).toStrictEqual({
      estimate: 0,
      low: null,
      high: null,
      reason: 'no interval: the event never happened, or always did',
    })
  })

  test('refuses bad input', () => {
    expect(() => cumulativeIncidence({ times: [], causes: [] }, { horizon: 1 })).toThrow('must have at least one row')
    expect(() => cumulativeIncidence({ times: [-1], causes: [0] }, { horizon: 1 })).toThrow('calibration: times[0]=-1')
    expect(() => cumulativeIncidence({ times: [Number.NaN], causes: [0] }, { horizon: 1 })).toThrow('times[0]=NaN')
    expect(() => cumulativeIncidence({ times: [1], causes: [0.5] }, { horizon: 1 })).toThrow(
      'calibration: causes[0]=0.5',
    )
    expect(() => cumulativeIncidence({ times: [1], causes: [1] }, { horizon: Number.NaN })).toThrow(
      'calibration: horizon=NaN',
    )
  })
})

/** Times to an event of rate p by 300 s, lost at random times; what counting losses as misses would say. */
function simulated(rows: number): { p: Float64Array; times: Float64Array; causes: Uint8Array } {
  const random = uniforms(12)
  const p = Float64Array.from({ length: rows }, () => 0.1 + 0.8 * random())
  const causes = new Uint8Array(rows)
  const times = p.map((chance, row) => {
    const event = (300 * Math.log(random())) / Math.log(1 - chance)
    const lost = random() < 0.5 ? 600 : 300 * random()
    causes[row] = Number(event <= lost)
    return Math.min(event, lost)
  })
  return { p, times, causes }
}

describe('censoredCalibration', () => {
  test('finds calibrated forecasts calibrated although half of the rows are lost early', () => {
    const { p, times, causes } = simulated(20_000)
    const curve = censoredCalibration(p, { times, causes }, { horizon: 300, bins: 10 })
    const naive =
      causes.reduce((sum, cause, row) => sum + Number(cause === 1 && (times[row] ?? 0) <= 300), 0) / p.length
    const mean = p.reduce((sum, q) => sum + q, 0) / p.length
    expect(Math.abs((curve.overall.estimate ?? 0) - mean)).toBeLessThan(0.01)
    expect(naive).toBeLessThan(mean - 0.08)
    expect(curve.error.value).toBeLessThan(0.02)
    for (const { meanPrediction, incidence, count, censored } of curve.bins) {
      expect(count).toBe(2000)
      expect(censored).toBeGreaterThan(300)
      expect(Math.abs((incidence.estimate ?? 9) - (meanPrediction ?? 0))).toBeLessThan(0.06)
      expect(incidence.low).toBeLessThan(incidence.estimate ?? 0)
      expect(incidence.high).toBeGreaterThan(incidence.estimate ?? 1)
    }
  })

  test('shows forecasts that are too high by the gap', () => {
    const { p, times, causes } = simulated(20_000)
    const { error } = censoredCalibration(
      p.map((q) => q + 0.1),
      { times, causes },
      { horizon: 300 },
    )
    expect(error.value).toBeGreaterThan(0.08)
    expect(error.value).toBeLessThan(0.12)
  })

  test('keeps an empty bin, and has no error where every row was lost', () => {
    const curve = censoredCalibration(
      [0.1, 0.1, 0.9],
      { times: [60, 60, 60], causes: [0, 0, 0] },
      { horizon: 300, binning: 'width', bins: 3 },
    )
    expect(curve.bins[1]).toMatchObject({
      count: 0,
      meanPrediction: null,
      incidence: { estimate: null, reason: 'no rows' },
    })
    expect(curve.error).toStrictEqual({ value: null, reason: 'no bin has an incidence at the horizon' })
    expect(() => censoredCalibration([0.1], { times: [1, 2], causes: [0, 0] }, { horizon: 1 })).toThrow(
      'times.length=2',
    )
    expect(() => censoredCalibration([1.1], { times: [1], causes: [0] }, { horizon: 1 })).toThrow('predictions[0]=1.1')
  })
})
