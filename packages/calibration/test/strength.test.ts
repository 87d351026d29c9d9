import { describe, expect, test } from 'vitest'
import {
  adaptiveConformal,
  conformalRadius,
  intervalScores,
  quantileLoss,
  startAdaptive,
  stepAdaptive,
} from '@breakwater/calibration'
import { uniforms } from './forecasts.ts'
import { oracles } from './oracles.ts'

describe('quantileLoss', () => {
  test('is scikit-learn pinball loss', () => {
    const { forecasts, targets, loss } = oracles.pinball
    expect(Object.keys(loss)).toStrictEqual(['0.1', '0.5', '0.9'])
    for (const [level, value] of Object.entries(loss)) {
      expect(quantileLoss(forecasts, targets, Number(level))).toBeCloseTo(value, 12)
    }
  })

  test('refuses bad input', () => {
    expect(() => quantileLoss([1], [1], 1)).toThrow('calibration: level=1')
    expect(() => quantileLoss([1], [Number.NaN], 0.5)).toThrow('calibration: targets[0]=NaN')
    expect(() => quantileLoss([], [], 0.5)).toThrow('predictions=[]')
  })
})

describe('intervalScores', () => {
  test('counts what lies inside, ends included, and charges what lies outside', () => {
    // widths 2, 2, 4; targets inside, 1 below, 0.5 above
    const scores = intervalScores([0, 0, 0], [2, 2, 4], [2, -1, 4.5], 0.9)
    expect(scores.coverage).toBeCloseTo(1 / 3, 15)
    expect(scores.meanWidth).toBeCloseTo(8 / 3, 15)
    expect(scores.intervalScore).toBeCloseTo(8 / 3 + 20 * 0.5, 9)
  })

  test('refuses ends that are swapped', () => {
    expect(() => intervalScores([1], [0], [0], 0.9)).toThrow(
      'calibration: high[0]=0: must be at least low[0]=1. Are they swapped?',
    )
  })
})

describe('conformalRadius', () => {
  test('is the ceil((K + 1) level)-th least error with one row per session', () => {
    const errors = [5, 1, 4, 2, 3, 9, 7, 8, 6]
    const sessions = errors.map((_, i) => i)
    expect(conformalRadius(errors, sessions, 0.5)).toStrictEqual({ value: 5 })
    expect(conformalRadius(errors, sessions, 0.9)).toStrictEqual({ value: 9 })
    expect(conformalRadius(errors, sessions, 0.91)).toStrictEqual({
      value: null,
      reason: '9 sessions are too few for 0.91: it takes at least 11',
    })
  })

  test('gives each session the same weight, however many rows it has', () => {
    // one session of 90 small errors, three of one large error: 0.6 needs 3 of 5 session weights
    const errors = [...Array.from({ length: 90 }, () => 0.1), 5, 6, 7]
    const sessions = [...Array.from({ length: 90 }, () => 0), 1, 2, 3]
    expect(conformalRadius(errors, sessions, 0.2).value).toBe(0.1)
    expect(conformalRadius(errors, sessions, 0.6).value).toBe(6)
  })

  test('covers a new session as promised where rows of a session hang together', () => {
    const trials = 400
    let covered = 0
    let rows = 0
    for (let trial = 0; trial < trials; trial++) {
      const random = uniforms(trial)
      const scales = Array.from({ length: 20 }, () => 0.5 + 2 * random())
      const draw = (session: number): number => (scales[session] ?? 0) * Math.abs(random() + random() - 1)
      const sessions = Array.from({ length: 190 }, (_, row) => row % 19)
      const { value } = conformalRadius(sessions.map(draw), sessions, 0.8)
      for (let i = 0; i < 10; i++) covered += Number(draw(19) <= (value ?? 0))
      rows += 10
    }
    // clustered trials: standard error about 0.015
    expect(covered / rows).toBeGreaterThan(0.76)
    expect(covered / rows).toBeLessThan(0.88)
  })

  test('refuses bad input', () => {
    expect(() => conformalRadius([-1], [0], 0.9)).toThrow('calibration: errors[0]=-1: must not be negative.')
    expect(() => conformalRadius([], [], 0.9)).toThrow('must have at least one row')
    expect(() => conformalRadius([1], [0, 1], 0.9)).toThrow('calibration: sessions.length=2')
    expect(() => conformalRadius([1], [0], 0)).toThrow('calibration: level=0')
  })
})

describe('adaptiveConformal', () => {
  test('steps as Gibbs and Candes do, worked by hand', () => {
    const start = startAdaptive(0.9, 0.05)
    expect(start.alpha).toBeCloseTo(0.1, 15)
    expect(stepAdaptive(start, 0).alpha).toBeCloseTo(0.105, 15)
    expect(stepAdaptive(start, 1).alpha).toBeCloseTo(0.055, 15)
    expect(stepAdaptive(start, 0.1).alpha).toBeCloseTo(0.1, 15)
  })

  test('keeps its promise on sequences that no exchangeable method survives', () => {
    for (const scale of [(t: number) => 1 + t / 10, (t: number) => (t % 50 < 25 ? 1 : 8), (t: number) => 1.05 ** t]) {
      const random = uniforms(3)
      const sessions = Array.from({ length: 1500 }, (_, row) => Math.floor(row / 5))
      const errors = sessions.map((session) => scale(session) * random())
      const { sessions: steps, coverage } = adaptiveConformal(errors, sessions, { level: 0.8, gamma: 0.05 })
      const bound = (0.8 + 0.05) / (0.05 * steps.length)
      expect(steps).toHaveLength(300)
      expect(Math.abs(coverage - 0.8)).toBeLessThanOrEqual(bound + 1e-12)
    }
  })

  test('uses nothing of a session or after it: changing later errors leaves earlier radii alone', () => {
    const random = uniforms(6)
    const sessions = Array.from({ length: 200 }, (_, row) => Math.floor(row / 5))
    const errors = sessions.map(() => random())
    const changed = errors.map((error, row) => (row < 100 ? error : error * 50))
    const options = { level: 0.8 }
    const radii = (values: readonly number[]): (number | null)[] =>
      adaptiveConformal(values, sessions, options).sessions.map(({ radius }) => radius)
    expect(radii(changed).slice(0, 21)).toStrictEqual(radii(errors).slice(0, 21))
    expect(radii(changed).slice(22)).not.toStrictEqual(radii(errors).slice(22))
  })

  test('starts with the whole line, and refuses bad input', () => {
    const { sessions } = adaptiveConformal([1, 2], [7, 8], { level: 0.5 })
    expect(sessions[0]).toMatchObject({ session: 7, rows: 1, radius: null, missed: 0 })
    expect(() => startAdaptive(0.9, 0)).toThrow('calibration: gamma=0')
    expect(() => stepAdaptive(startAdaptive(0.9), 1.1)).toThrow('calibration: missed=1.1: must be a share in [0, 1].')
    expect(() => adaptiveConformal([Number.NaN], [0], { level: 0.9 })).toThrow('calibration: errors[0]=NaN')
  })
})
