import { describe, expect, test } from 'vitest'
import { applyCalibrator, chooseCalibrator, logLoss } from '@breakwater/calibration'
import { uniforms } from './forecasts.ts'

/** Log odds of an event in each of `sessions` sessions, wandering from day to day as base rates do. */
function wandering(sessions: number, step: number, random: () => number): Float64Array {
  let level = 0
  return Float64Array.from({ length: sessions }, () => (level += step * (random() + random() + random() - 1.5) * 2))
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

interface Drifting {
  readonly p: Float64Array
  readonly y: number[]
  readonly codes: Int32Array
}

/** Forecasts that know the base rate of session `known` and stretch the log odds of a row's own part by `stretch`. */
function drifting({ levels, from, to, known, stretch }: DriftingRows, random: () => number): Drifting {
  const rows = 40 * (to - from)
  const codes = Int32Array.from({ length: rows }, (_, row) => from + Math.floor(row / 40))
  const own = Float64Array.from({ length: rows }, () => 4 * (random() - 0.5))
  return {
    codes,
    p: own.map((z) => sigmoid(stretch * z + (levels[known] ?? 0))),
    y: Array.from(own, (z, row) => Number(random() < sigmoid(z + (levels[codes[row] ?? 0] ?? 0)))),
  }
}

interface DriftingRows {
  readonly levels: Float64Array
  readonly from: number
  readonly to: number
  readonly known: number
  readonly stretch: number
}

const joined = (a: Drifting, b: Drifting): Drifting => ({
  p: Float64Array.of(...a.p, ...b.p),
  y: [...a.y, ...b.y],
  codes: Int32Array.of(...a.codes, ...b.codes),
})

/**
 * One life of a head: two inner models, each calibrated on its own training sessions, forecast sessions 20 to 59; the served model is
 * trained to session 60, stopped on 60 to 69 and scored on 70 to 99. Returns standard errors that the served map saves there.
 */
function servedGain(seed: number, { step, inner, served, confirmed }: Life): number {
  const random = uniforms(seed)
  const levels = wandering(100, step, random)
  const model = (from: number, to: number, stretch: number): Drifting =>
    drifting({ levels, from, to, known: from - 1, stretch }, random)
  const folds = joined(model(20, 40, inner), model(40, 60, inner))
  const own = drifting({ levels, from: 60, to: 100, known: 59, stretch: served }, random)
  const part = (from: number, to: number): Drifting => {
    const keep = [...own.codes.keys()].filter((row) => (own.codes[row] ?? 0) >= from && (own.codes[row] ?? 0) < to)
    return {
      p: Float64Array.from(keep, (row) => own.p[row] ?? 0),
      y: keep.map((row) => own.y[row] ?? 0),
      codes: Int32Array.from(keep, (row) => own.codes[row] ?? 0),
    }
  }
  const stopped = part(60, 70)
  const confirm = { predictions: stopped.p, outcomes: stopped.y, sessions: stopped.codes }
  const candidates = ['temperature', 'platt'] as const
  const { calibrator } = chooseCalibrator(folds.p, folds.y, folds.codes, {
    candidates,
    ...(confirmed ? { confirm } : {}),
  })
  if (calibrator.kind === 'identity') return 0
  const later = part(70, 100)
  const mapped = applyCalibrator(calibrator, later.p)
  const sums = Array.from({ length: 30 }, (_, session) => {
    const rows = [...later.codes.keys()].filter((row) => later.codes[row] === 70 + session)
    const of = (values: Float64Array): number =>
      logLoss(
        rows.map((row) => values[row] ?? 0),
        rows.map((row) => later.y[row] ?? 0),
      )
    return of(later.p) - of(mapped)
  })
  const mean = sums.reduce((a, b) => a + b, 0) / 30
  return mean / Math.sqrt(sums.reduce((a, b) => a + (b - mean) ** 2, 0) / 29 / 30)
}

interface Life {
  readonly step: number
  readonly inner: number
  readonly served: number
  readonly confirmed: boolean
}

const LIVES = 40
const countLives = (life: Life, holds: (gain: number) => boolean): number =>
  Array.from({ length: LIVES }, (_, seed) => servedGain(seed, life)).filter(holds).length

describe('under base rates that drift', () => {
  test('a map of inner models harms a better served model, unless that model confirms it', () => {
    // Inner models saw less and are overconfident; the served one is not.
    const life = { step: 0.12, inner: 1.6, served: 1 }
    expect(countLives({ ...life, confirmed: false }, (gain) => gain < -2)).toBeGreaterThan(LIVES / 3)
    expect(countLives({ ...life, confirmed: true }, (gain) => gain < -2)).toBeLessThanOrEqual(LIVES / 20)
  })

  test('a served model that is as overconfident is still mended', () => {
    const life = { step: 0.03, inner: 1.8, served: 1.8, confirmed: true }
    expect(countLives(life, (gain) => gain > 2)).toBeGreaterThan(LIVES / 2)
  })
})
