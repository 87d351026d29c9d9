import { describe, expect, test } from 'vitest'
import {
  aucBySession,
  brierBySession,
  brierDecomposition,
  brierScore,
  brierSkillBySession,
  calibrationNullBand,
  chooseCalibrator,
  debiasedCalibrationError,
  debiasedRootCalibrationError,
  eceBySession,
  eceStatistic,
  expectedCalibrationError,
  logLoss,
  logLossBySession,
  maximumCalibrationError,
  reliabilityCurve,
  rocAuc,
  sessionBlockBootstrap,
  smoothCalibrationError,
  smoothEceBySession,
  smoothEceStatistic,
  smoothReliabilityCurve,
  spiegelhalterTest,
} from '@breakwater/calibration'

type Rows = readonly number[]

/** Every function of forecasts and outcomes, each as it is called. */
const SCORES: Readonly<Record<string, (p: Rows, y: Rows) => unknown>> = {
  brierScore,
  brierDecomposition,
  logLoss,
  rocAuc,
  reliabilityCurve,
  errors: (p, y) => {
    const curve = reliabilityCurve(p, y, { bins: 3 })
    return {
      ece: expectedCalibrationError(curve),
      mce: maximumCalibrationError(curve),
      debiased: debiasedCalibrationError(curve),
      root: debiasedRootCalibrationError(curve),
    }
  },
  smoothCalibrationError,
  spiegelhalterTest,
  smoothReliabilityCurve: (p, y) => smoothReliabilityCurve(p, y, sessionsOf(p), { seed: 1, samples: 5, points: 5 }),
  chooseCalibrator: (p, y) => chooseCalibrator(p, y, sessionsOf(p)),
  bootstrap: (p, y) =>
    sessionBlockBootstrap(
      sessionsOf(p),
      {
        brier: brierBySession(p, y),
        skill: brierSkillBySession(p, y),
        logLoss: logLossBySession(p, y),
        auc: aucBySession(p, y),
        ece: eceBySession(p, y),
        smoothEce: smoothEceBySession(p, y),
      },
      { seed: 1, samples: 20 },
    ),
}

function sessionsOf(p: Rows): number[] {
  return p.map((_, row) => row % 2)
}

/** Numbers in a value that are no finite number, by where they stand. */
function notFinite(value: unknown, path: string): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}=${value}`]
  if (value === null || typeof value !== 'object') return []
  const entries = ArrayBuffer.isView(value) ? [...(value as Float64Array).entries()] : Object.entries(value)
  return entries.flatMap(([key, part]) => notFinite(part, `${path}.${key}`))
}

describe('every score of probabilities', () => {
  test.each(Object.entries(SCORES))(
    '%s refuses what is no forecast or outcome, naming argument and value',
    (_, score) => {
      expect(() => score([], [])).toThrow('calibration: predictions=[]: must have at least one row. Is the set empty?')
      for (const bad of [1.5, -0.1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => score([0.5, bad], [0, 1])).toThrow(
          `calibration: predictions[1]=${bad}: must be a probability in [0, 1]. Pass probabilities, not margins.`,
        )
      }
      for (const bad of [2, 0.5, -1, Number.NaN]) {
        expect(() => score([0.5, 0.6], [0, bad])).toThrow(
          `calibration: outcomes[1]=${bad}: must be 0 or 1. Leave masked rows out before scoring.`,
        )
      }
      expect(() => score([0.5, 0.6], [0])).toThrow(
        'calibration: outcomes.length=1: must be one per prediction. There are 2 predictions.',
      )
    },
  )

  const poor: Readonly<Record<string, readonly [Rows, Rows]>> = {
    'one row': [[0.4], [1]],
    'one class': [
      [0.1, 0.4, 0.8],
      [0, 0, 0],
    ],
    'constant predictions': [
      [0.5, 0.5, 0.5, 0.5],
      [0, 1, 1, 0],
    ],
    'certain and right': [
      [0, 1, 0, 1],
      [0, 1, 0, 1],
    ],
    'certain and wrong': [
      [0, 1, 0, 1],
      [1, 0, 1, 0],
    ],
  }
  test.each(Object.entries(poor))('has finite figures, or null, for %s', (_, [p, y]) => {
    const figures = Object.entries(SCORES).map(([name, score]) => [name, score(p, y)])
    expect(figures.flatMap(([name, value]) => notFinite(value, String(name)))).toStrictEqual([])
  })

  test('says why a figure is null', () => {
    expect(rocAuc([0.1, 0.4, 0.8], [0, 0, 0])).toMatchObject({
      value: null,
      reason: expect.stringMatching(/\w/) as string,
    })
    expect(spiegelhalterTest([0, 1], [0, 1])).toMatchObject({
      z: null,
      p: null,
      reason: expect.stringMatching(/\w/) as string,
    })
    expect(debiasedCalibrationError(reliabilityCurve([0.4], [1]))).toMatchObject({
      value: null,
      reason: expect.stringMatching(/\w/) as string,
    })
    const { auc, skill } = sessionBlockBootstrap(
      [0, 1, 2],
      { auc: aucBySession([0.1, 0.4, 0.8], [0, 0, 0]), skill: brierSkillBySession([0.1, 0.4, 0.8], [0, 0, 0]) },
      { seed: 1 },
    )
    for (const each of [auc, skill]) {
      expect(each).toMatchObject({
        estimate: null,
        low: null,
        high: null,
        reason: 'the score does not exist on these rows',
      })
    }
  })

  test('has bands of what cannot vary, too', () => {
    for (const statistic of [eceStatistic(), smoothEceStatistic()]) {
      const band = calibrationNullBand([0, 1, 1], statistic, { seed: 1, samples: 10 })
      expect(notFinite(band, 'band')).toStrictEqual([])
      expect(band.high).toBeLessThan(0.01)
    }
    expect(() => calibrationNullBand([], eceStatistic(), { seed: 1 })).toThrow('calibration: predictions=[]')
  })
})
