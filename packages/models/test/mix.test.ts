import { fitMix, type MixRows } from '@breakwater/models'
import { describe, expect, test } from 'vitest'
import { uniforms } from './seeded.ts'

const SESSIONS = 40
const PER_SESSION = 25
const ROWS = SESSIONS * PER_SESSION
const logit = (p: number): number => Math.log(p / (1 - p))
const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score))

interface Planted {
  readonly neighbours: number
  readonly gate: number
  readonly seed?: number
  readonly sessions?: number
}

/** Touches whose log odds of a break are those of the forecast, moved to those of the votes and by the gate as planted. */
function planted({ neighbours, gate, seed = 3, sessions = SESSIONS }: Planted): MixRows {
  const next = uniforms(seed)
  const rows = Array.from({ length: sessions * PER_SESSION }, (_, row) => {
    const p = 0.2 + 0.6 * next()
    const vote = next() < 0.1 ? Number.NaN : 0.1 + 0.8 * next()
    const bias = [-2, -1, 0, 0, 0, 1, 2][Math.floor(next() * 7)] ?? 0
    const towards = Number.isNaN(vote) ? 0 : logit(vote) - logit(p)
    const label = Number(next() < sigmoid(logit(p) + neighbours * towards + gate * bias))
    return { p, vote, bias, label, session: Math.floor(row / PER_SESSION) }
  })
  return {
    p: rows.map(({ p }) => p),
    vote: rows.map(({ vote }) => vote),
    bias: rows.map(({ bias }) => bias),
    label: rows.map(({ label }) => label),
    sessions: rows.map(({ session }) => session),
  }
}

/** Log loss with the prior around none, by the definition. */
function penalised({ p, vote, bias, label }: MixRows, n: number, g: number): number {
  let loss = n ** 2 / (2 * 0.25 ** 2) + g ** 2 / (2 * 0.5 ** 2)
  for (let row = 0; row < p.length; row++) {
    const [own, other] = [p[row] ?? 0, vote[row] ?? 0]
    const towards = Number.isNaN(other) ? 0 : logit(Math.min(0.98, Math.max(0.02, other))) - logit(own)
    const q = sigmoid(logit(own) + n * towards + g * (bias[row] ?? 0))
    loss -= Math.log(label[row] === 1 ? q : 1 - q)
  }
  return loss
}

describe('a fitted mix', () => {
  test('uses planted terms, with the coefficients of least penalised loss by a search over a grid', () => {
    const rows = planted({ neighbours: 0.6, gate: 0.8 })
    const { neighbours, gate, reasons } = fitMix(rows)
    expect(reasons.neighbours).toMatch(/^neighbours saved 0\.\d+ of log loss in later sessions .*: used$/)
    expect(reasons.gate).toMatch(/^the gate saved 0\.\d+ of log loss in later sessions .*: used$/)
    const grid = Array.from({ length: 201 }, (_, i) => i / 200)
    const best = grid
      .flatMap((n) => grid.map((half) => ({ n, g: 2 * half, loss: penalised(rows, n, 2 * half) })))
      .reduce((a, b) => (b.loss < a.loss ? b : a))
    expect(Math.abs((neighbours ?? 0) - best.n)).toBeLessThanOrEqual(0.005)
    expect(Math.abs((gate ?? 0) - best.g)).toBeLessThanOrEqual(0.01)
    // Shrunk toward none, and not past what was planted.
    expect(neighbours).toBeGreaterThan(0.35)
    expect(neighbours).toBeLessThan(0.7)
  })

  test.each([
    ['the neighbours', { neighbours: 0.6, gate: 0 }, [true, false]],
    ['the gate', { neighbours: 0, gate: 1 }, [false, true]],
    ['neither', { neighbours: 0, gate: 0 }, [false, false]],
    ['neither where they mislead', { neighbours: -0.5, gate: -1 }, [false, false]],
  ] as const)('uses %s alone where nothing else is planted, and says why the rest is left out', (_, terms, used) => {
    const { neighbours, gate, reasons, rows, sessions } = fitMix(planted({ ...terms, seed: 11 }))
    expect([neighbours !== null, gate !== null]).toEqual(used)
    expect([reasons.neighbours, reasons.gate].map((reason) => reason.endsWith(': used'))).toEqual(used)
    expect([rows, sessions]).toEqual([ROWS, SESSIONS])
  })

  test('leaves both out where nothing is planted, in all but few of many samples', () => {
    const kept = Array.from({ length: 60 }, (_, i) => fitMix(planted({ neighbours: 0, gate: 0, seed: 100 + i })))
    expect(kept.filter(({ neighbours, gate }) => neighbours !== null || gate !== null).length).toBeLessThanOrEqual(6)
  })

  test('leaves both out with few sessions, and without rows', () => {
    expect(fitMix(planted({ neighbours: 0.6, gate: 1, sessions: 7 }))).toMatchObject({
      neighbours: null,
      gate: null,
      reasons: { neighbours: 'neighbours: 7 out-of-fold sessions are too few to fit it (it needs 8): left out' },
      tested: { neighbours: { saved: null } },
    })
    expect(fitMix({ p: [], vote: [], bias: [], label: [], sessions: [] })).toMatchObject({ neighbours: null, rows: 0 })
    expect(() => fitMix({ p: [0.5], vote: [], bias: [0], label: [1], sessions: [0] })).toThrow(
      'models: vote.length=0: must be 1, one a touch as p has.',
    )
  })
})
