import { describe, expect, test } from 'vitest'
import { applyCalibrator, chooseCalibrator, fitCalibrator, fitPlatt, logLoss } from '@breakwater/calibration'
import { uniforms } from './forecasts.ts'

interface Rows {
  readonly p: Float64Array
  readonly y: Float64Array
  readonly codes: Int32Array
}

type Pair = [number[], number[]]

/** In how many of the samples identity is kept. */
function identities(samples: number, sample: (seed: number) => Rows): number {
  const kinds = Array.from({ length: samples }, (_, seed) => {
    const { p, y, codes } = sample(seed)
    return chooseCalibrator(p, y, codes).calibrator.kind
  })
  return kinds.filter((kind) => kind === 'identity').length
}

/** Rows of sessions in time order whose log odds a model gets wrong by a factor. */
function rowsOf(factor: number, sessions: number, seed: number): Rows {
  const random = uniforms(seed)
  const rows = sessions * 40
  const truth = Float64Array.from({ length: rows }, () => 0.1 + 0.8 * random())
  return {
    p: truth.map((q) => 1 / (1 + Math.exp(-factor * Math.log(q / (1 - q))))),
    y: truth.map((q) => Number(random() < q)),
    codes: Int32Array.from(truth, (_, row) => Math.floor(row / 40)),
  }
}

/** Forecasts a little around one half, and outcomes by a coin. */
const shuffled = (seed: number): Rows => {
  const random = uniforms(seed + 300)
  const { p, codes } = rowsOf(0.05, 12, seed)
  return { p, y: p.map(() => Number(random() < 0.5)), codes }
}

describe('chooseCalibrator', () => {
  test('finds the temperature of an overconfident model, and says what it saves', () => {
    const { p, y, codes } = rowsOf(2.5, 40, 3)
    const choice = chooseCalibrator(p, y, codes)
    expect(['temperature', 'platt', 'beta']).toContain(choice.calibrator.kind)
    expect(choice.reason).toMatch(/^(temperature|platt|beta) saves 0\.\d{4} nats a row$/)
    expect(logLoss(applyCalibrator(choice.calibrator, p), y)).toBeLessThan(logLoss(p, y) - 0.05)
    expect(choice.scores.map(({ kind }) => kind)).toStrictEqual([
      'identity',
      'temperature',
      'platt',
      'beta',
      'centred-isotonic',
      'isotonic',
      'venn-abers',
    ])
  })

  test('scores every kind as one fitted on the sessions before each block, by rows in any order', () => {
    const { p, y, codes } = rowsOf(1.4, 13, 8)
    const random = uniforms(5)
    const order = [...p.keys()].map((row) => ({ row, at: random() })).toSorted((a, b) => a.at - b.at)
    const at = (values: ArrayLike<number>): number[] => order.map(({ row }) => values[row] as number)
    const [q, came, sessions] = [at(p), at(y), at(codes)]
    // 13 sessions in five groups: those that begin at 0, 3, 6, 8 and 11.
    const groups = sessions.map((session) => [3, 6, 8, 11].filter((first) => session >= first).length)
    const { scores } = chooseCalibrator(q, came, sessions)
    for (const { kind, logLoss: told, gain } of scores) {
      const terms = [1, 2, 3, 4].map((group) => {
        const [own, ownCame] = [q, came].map((values) => values.filter((_, row) => groups[row] === group)) as Pair
        const [before, beforeCame] = [q, came].map((values) =>
          values.filter((_, row) => (groups[row] ?? 9) < group),
        ) as Pair
        const fit = kind === 'identity' ? { calibrator: { kind } } : fitCalibrator(kind, before, beforeCame)
        const mapped = applyCalibrator(fit.calibrator ?? { kind: 'identity' }, own)
        return { rows: own.length, mapped: logLoss(mapped, ownCame), raw: logLoss(own, ownCame) }
      })
      const mean = (loss: (term: (typeof terms)[number]) => number): number =>
        terms.reduce((sum, term) => sum + term.rows * loss(term), 0) / terms.reduce((sum, { rows }) => sum + rows, 0)
      expect(told).toBeCloseTo(
        mean(({ mapped }) => mapped),
        12,
      )
      expect(gain).toBeCloseTo(
        mean(({ raw, mapped }) => raw - mapped),
        12,
      )
    }
  })

  test('keeps identity for a calibrated model nearly always', () => {
    expect(identities(20, (seed) => rowsOf(1, 12, seed + 100))).toBeGreaterThanOrEqual(19)
  })

  test('keeps identity for a model of shuffled labels, which says little beside the base rate, nearly always', () => {
    expect(identities(20, shuffled)).toBeGreaterThanOrEqual(18)
  })

  test('corrects a model whose log odds are clearly too large, whatever the sample', () => {
    expect(identities(20, (seed) => rowsOf(2.5, 20, seed + 500))).toBe(0)
  })

  test('takes the best of those that gain at least two standard errors, as its scores say, and else none', () => {
    const kinds = new Set<string>()
    for (let seed = 0; seed < 30; seed++) {
      const { p, y, codes } = rowsOf(1.4, 8, seed)
      const { calibrator, scores } = chooseCalibrator(p, y, codes)
      const best = scores
        .slice(1)
        .filter(({ gain, gainError }) => (gain ?? -1) > 0 && (gain ?? 0) >= 2 * (gainError ?? Infinity))
        .toSorted((a, b) => (b.gain ?? 0) - (a.gain ?? 0))[0]
      expect(calibrator.kind).toBe(best?.kind ?? 'identity')
      kinds.add(calibrator.kind)
    }
    // both sides of the rule occur
    expect(kinds.has('identity') && kinds.size > 1).toBe(true)
  })

  test('pairs losses by session in the standard error, worked by hand', () => {
    const { p, y, codes } = rowsOf(2, 5, 11)
    const { scores } = chooseCalibrator(p, y, codes, { blocks: 4, candidates: ['platt'] })
    const gains = [1, 2, 3, 4].map((session) => {
      const from = session * 40
      const { calibrator } = fitPlatt(p.slice(0, from), y.slice(0, from))
      if (calibrator === null) throw new Error('the rows determine a fit')
      const [asked, came] = [p.slice(from, from + 40), y.slice(from, from + 40)]
      return logLoss(asked, came) - logLoss(applyCalibrator(calibrator, asked), came)
    })
    const mean = gains.reduce((a, b) => a + b) / 4
    const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / 3
    expect(scores[1]?.gain).toBeCloseTo(mean, 12)
    expect(scores[1]?.gainError).toBeCloseTo(Math.sqrt(variance / 4), 12)
  })

  test('scores a candidate on sessions after those it was fitted on, worked by hand', () => {
    const { p, y, codes } = rowsOf(2, 3, 7)
    const { scores } = chooseCalibrator(p, y, codes, { blocks: 2, candidates: ['platt'] })
    let loss = 0
    for (const session of [1, 2]) {
      const { calibrator } = fitPlatt(p.slice(0, session * 40), y.slice(0, session * 40))
      if (calibrator === null) throw new Error('the rows determine a fit')
      const from = session * 40
      loss += 40 * logLoss(applyCalibrator(calibrator, p.slice(from, from + 40)), y.slice(from, from + 40))
    }
    expect(scores[1]?.logLoss).toBeCloseTo(loss / 80, 12)
    expect(scores[0]?.logLoss).toBeCloseTo(logLoss(p.slice(40), y.slice(40)), 12)
    expect(scores[1]?.gain).toBeCloseTo((scores[0]?.logLoss ?? 0) - (scores[1]?.logLoss ?? 0), 12)
  })

  test('does not depend on the order of the rows, only on the sessions they name', () => {
    const { p, y, codes } = rowsOf(2, 10, 5)
    const turned = chooseCalibrator(p.toReversed(), y.toReversed(), codes.toReversed())
    expect(turned.calibrator.kind).toBe(chooseCalibrator(p, y, codes).calibrator.kind)
  })

  test('keeps identity, with the reason, where sessions are fewer than the groups', () => {
    const { p, y, codes } = rowsOf(3, 4, 1)
    expect(chooseCalibrator(p, y, codes, { blocks: 4 })).toStrictEqual({
      calibrator: { kind: 'identity' },
      reason: '4 sessions are too few for the 5 groups of the comparison: kept as it is',
      scores: [],
      rows: 160,
      sessions: 4,
    })
  })

  test('leaves out a candidate that one block does not determine, with its reason', () => {
    const p = [0.2, 0.3, 0.4, 0.6, 0.7, 0.8]
    const y = [0, 0, 0, 1, 0, 1]
    const choice = chooseCalibrator(p, y, [0, 0, 1, 1, 2, 2], { blocks: 2, candidates: ['platt'] })
    expect(choice.calibrator).toStrictEqual({ kind: 'identity' })
    expect(choice.scores[1]).toStrictEqual({
      kind: 'platt',
      logLoss: null,
      gain: null,
      gainError: null,
      reason: 'only one class is present',
    })
  })

  test('refuses bad input', () => {
    expect(() => chooseCalibrator([0.5], [1], [])).toThrow(
      'calibration: sessions.length=0: must be one per prediction.',
    )
    expect(() => chooseCalibrator([0.5], [1], [0], { blocks: 0 })).toThrow('calibration: blocks=0')
    expect(() => chooseCalibrator([0.5], [1], [0], { standardErrors: -1 })).toThrow('calibration: standardErrors=-1')
    expect(() => chooseCalibrator([], [], [])).toThrow('predictions=[]')
  })
})
