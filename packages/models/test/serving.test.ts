import type { HeadTarget } from '@breakwater/features'
import {
  chooseServing,
  type HeadSpec,
  probabilityHeads,
  servedColumns,
  type ServingChoice,
  type ServingEvidence,
} from '@breakwater/models'
import { incoherence } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { uniforms } from './seeded.ts'

const SPEC: HeadSpec = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
const NAMES = probabilityHeads(SPEC)
const ROWS = 600
const PER_SESSION = 30
const sessions = Int32Array.from({ length: ROWS }, (_, row) => Math.floor(row / PER_SESSION))

/** Outcomes of two heads with probability p of each row, and forecasts of p with errors of a size. */
function evidence(
  errorOfHeads: number,
  errorOfLaw: number,
  seed = 7,
): { targets: HeadTarget[]; part: ServingEvidence } {
  const next = uniforms(seed)
  const truth = Float64Array.from({ length: ROWS }, () => 0.2 + 0.6 * next())
  const names = ['t1_60s', 'direction']
  const near = (error: number): Float64Array =>
    truth.map((p) => Math.min(0.99, Math.max(0.01, p + error * (next() - 0.5))))
  const targets = names.map((name): HeadTarget => ({
    name,
    anchor: '4min',
    anchorSeconds: 240,
    task: 'binary',
    values: Float32Array.from(truth, (p) => Number(next() < p)),
    mask: Uint8Array.from(truth, (_, row) => Number(row % 5 !== 0)),
    counts: { total: ROWS, used: ROWS, masked: {} } as unknown as HeadTarget['counts'],
  }))
  const forecasts = (error: number): Map<string, Float64Array> => new Map(names.map((name) => [name, near(error)]))
  const rows = Int32Array.from({ length: ROWS }, (_, row) => row)
  return { targets, part: { rows, heads: forecasts(errorOfHeads), tilted: forecasts(errorOfLaw) } }
}

const choice = (kind: 'law' | 'heads'): ServingChoice => ({
  kind,
  reason: '',
  saved: null,
  standardError: null,
  sessions: 0,
  rows: 0,
})
const random = (seed: number): Map<string, Float64Array> => {
  const next = uniforms(seed)
  return new Map(NAMES.map((name) => [name, Float64Array.from({ length: 2000 }, () => next() ** 3)]))
}
const worst = (columns: ReadonlyMap<string, Float64Array>): number => {
  let most = 0
  for (let row = 0; row < 2000; row++) {
    const surface = Float64Array.from([...NAMES.map((name) => columns.get(name)?.[row] ?? Number.NaN), 0, 0, 0, 0])
    most = Math.max(most, incoherence(SPEC, surface))
  }
  return most
}

describe('what is served', () => {
  test('is the law unless the heads save two standard errors, paired by session', () => {
    const good = evidence(0, 0.8)
    const heads = chooseServing(sessions, good.targets, [good.part])
    expect(heads.kind).toBe('heads')
    // By hand: the mean over heads of the mean log loss that they save, and its error from sums by session.
    const perSession = new Float64Array(ROWS / PER_SESSION)
    for (const target of good.targets) {
      const used = sessions.filter((_, row) => target.mask[row] === 1).length
      for (let row = 0; row < ROWS; row++) {
        if (target.mask[row] !== 1) continue
        const of = (columns: ServingEvidence['heads']): number => {
          const p = columns.get(target.name)?.[row] ?? Number.NaN
          return -Math.log(target.values[row] === 1 ? p : 1 - p)
        }
        const session = Math.floor(row / PER_SESSION)
        perSession[session] = (perSession[session] ?? 0) + (of(good.part.tilted) - of(good.part.heads)) / used / 2
      }
    }
    const total = perSession.reduce((sum, value) => sum + value, 0)
    const mean = total / perSession.length
    const variance = perSession.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (perSession.length - 1)
    expect(heads.saved).toBeCloseTo(total, 12)
    expect(heads.standardError).toBeCloseTo(Math.sqrt(perSession.length * variance), 12)
    expect([heads.sessions, heads.rows]).toEqual([20, 960])

    const equals = Array.from({ length: 40 }, (_, seed) => {
      const even = evidence(0.1, 0.1, seed)
      return chooseServing(sessions, even.targets, [even.part]).kind
    })
    // By chance one in 44 gains two standard errors.
    expect(equals.filter((kind) => kind === 'heads').length).toBeLessThanOrEqual(4)
    const bad = evidence(0.8, 0)
    const law = chooseServing(sessions, bad.targets, [bad.part])
    expect([law.kind, (law.saved ?? 0) < 0]).toEqual(['law', true])
    expect(law.reason).toMatch(/^independent heads lost 0\.\d{4} nats more a head than the law \(standard error/)
  })

  test('is the law where nothing was forecast out of fold', () => {
    const { targets } = evidence(0, 1)
    expect(chooseServing(sessions, targets, [])).toMatchObject({
      kind: 'law',
      reason: 'no out-of-fold forecasts of both: the law is served',
      saved: null,
    })
  })

  test('is coherent where heads that contradict each other are chosen, and where some of them have no model', () => {
    const heads = random(1)
    expect(worst(heads)).toBeGreaterThan(0.5)
    const request = { choice: choice('heads'), spec: SPEC, anchors: ['4min'] as const, tilted: random(2) }
    expect(worst(servedColumns({ ...request, heads }))).toBeLessThanOrEqual(1e-9)
    const some = new Map([...heads].filter((_, i) => i % 3 !== 0))
    const served = servedColumns({ ...request, heads: some })
    expect(worst(served)).toBeLessThanOrEqual(1e-9)
    expect(served.size).toBe(NAMES.length)
  })

  test('is the law to the bit where it is chosen, and the heads where it knows no price', () => {
    const law = random(3)
    for (const column of law.values()) column[5] = Number.NaN
    const heads = new Map([...random(4), ['strength_signed', new Float64Array(2000).fill(0.3)]])
    const served = servedColumns({ choice: choice('law'), spec: SPEC, anchors: ['4min'], heads, tilted: law })
    for (const name of NAMES) {
      const [own, other] = [served.get(name), law.get(name)]
      expect(own?.filter((_, row) => row !== 5)).toEqual(other?.filter((_, row) => row !== 5))
    }
    expect(served.get('strength_signed')).toEqual(heads.get('strength_signed'))
    // Strength is the law's where it has one, whatever is chosen.
    const dollars = new Float64Array(2000).fill(-0.1)
    dollars[5] = Number.NaN
    const withStrength = new Map([...law, ['strength_signed', dollars]])
    const request = { spec: SPEC, anchors: ['4min'], heads, tilted: withStrength } as const
    for (const kind of ['law', 'heads'] as const) {
      const strength = servedColumns({ ...request, choice: choice(kind) }).get('strength_signed')
      expect([strength?.[4], strength?.[5]]).toEqual([-0.1, 0.3])
    }
    expect(Number.isNaN(served.get('t1_60s')?.[5])).toBe(false)
  })
})
