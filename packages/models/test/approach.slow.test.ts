import {
  approachMoments,
  buildSignals,
  collectMoments,
  MOMENT_NUMBERS,
  numbersOf,
  resolveSettings,
} from '@breakwater/features'
import {
  approachRows,
  type ApproachRows,
  type ApproachShift,
  chooseShift,
  fitApproach,
  fitPathLaw,
  lawForecaster,
  pathForecaster,
  type PathLaw,
} from '@breakwater/models'
import { pack, type Packable, unpack } from '@breakwater/jobs'
import { createBarrier, hit, type Law } from '@breakwater/passage'
import { predictRaw, treeCount } from '@breakwater/trees'
import { describe, expect, test } from 'vitest'
import { inOrder, simulateMoments, SPEC } from './law-paths.ts'
import { bars, DATES } from './sample.ts'
import { uniforms } from './seeded.ts'

const { table } = simulateMoments({ rows: 2000, seed: 5 })
const fitted = await fitPathLaw({ moments: table, ...inOrder(2000, 1500, 300), spec: SPEC }, { uncertainty: false })
/** Brownian motion without drift. */
const law: Law = {
  version: 1,
  experts: [{ kind: 'diffusion', volatility: 1, drift: 0 }],
  weights: [1],
  breakShare: 0.5,
}
const plain: PathLaw = { ...fitted.path, law, correction: null, tilt: null }

const SESSIONS = 40
const PER_SESSION = 250
const ROLE_OF = (session: number): 'train' | 'validation' | 'test' =>
  session < 24 ? 'train' : session < 32 ? 'validation' : 'test'

/** Levels that paths come to, livelier by e^(size x the first column) than the law thinks. */
function planted(size: number, seed: number): ApproachRows {
  const next = uniforms(seed)
  const rows = SESSIONS * PER_SESSION
  const values = Float32Array.from({ length: 3 * rows }, () => 2 * next() - 1)
  const logDistance = Float64Array.from({ length: rows }, () => 2 * next() - 0.8)
  const { horizons } = SPEC
  const labels = new Int8Array(rows * horizons.length)
  for (let row = 0; row < rows; row++) {
    const distance = Math.exp((logDistance[row] as number) - size * (values[row] as number))
    // One draw decides all horizons: what is touched within a minute is touched within two.
    const draw = next()
    for (const [j, horizon] of horizons.entries()) {
      labels[row * horizons.length + j] = Number(draw < hit(distance / Math.sqrt(horizon / 60), 0))
    }
  }
  const sessions = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / PER_SESSION))
  return {
    state: { columns: ['planted', 'noise_1', 'noise_2'], rows, values },
    logDistance,
    tilt: new Float64Array(rows),
    labels,
    rowWeights: new Float64Array(rows).fill(1),
    sessions,
    roles: Array.from(sessions, ROLE_OF),
    numbers: [],
  }
}

describe('the shift of P(touch)', () => {
  test('finds what makes paths livelier than the law thinks, and is kept', async () => {
    const rows = planted(0.6, 1)
    const { shift, fit } = await chooseShift({ path: plain, rows }, { seed: 1 })
    expect(fit.isKept).toBe(true)
    expect(fit.reason).toMatch(/more than 2 standard errors: they shift its volatility in P\(touch\)$/)
    expect(fit.tested?.saved).toBeGreaterThan(2 * (fit.tested?.standardError ?? Infinity))
    const raw = predictRaw((shift as ApproachShift).trees, rows.state)
    let [squares, total] = [0, 0]
    for (const [row, score] of raw.entries()) {
      const truth = 0.6 * (rows.state.values[row] as number)
      squares += (score / (shift as ApproachShift).scale - truth) ** 2
      total += truth ** 2
    }
    expect(squares / total).toBeLessThan(0.1)
    // As a job hands it over.
    expect(unpack(Buffer.concat(pack({ shift, fit } as unknown as Packable)))).toEqual({ shift, fit })
  })

  test('is left out where there is nothing to find', async () => {
    const kept = await Promise.all(
      [2, 3, 4].map(async (seed) => (await chooseShift({ path: plain, rows: planted(0, seed) }, { seed })).fit),
    )
    for (const fit of kept) {
      expect(fit.isKept).toBe(false)
      expect(fit.reason).toMatch(/P\(touch\) is the law’s alone$/)
    }
  })

  test('has the trees that folds chose, and looks at no validation row then', async () => {
    const rows = planted(0.6, 1)
    const blind = { ...rows, roles: rows.roles.map((role) => (role === 'validation' ? ('test' as const) : role)) }
    const { shift, fit } = await chooseShift({ path: plain, rows: blind, rounds: 7 }, { seed: 1 })
    expect(treeCount((shift as ApproachShift).trees)).toBe(7)
    expect(fit).toMatchObject({ isKept: true, trees: 7, chosen: null, tested: null })
  })
})

const THRESHOLDS = [0.4, 0.8] as const
const SETTINGS = resolveSettings({ thresholds: THRESHOLDS, lookforward: 8, warmupSessions: 0 })
const DAYS = DATES.slice(0, 12)
const session = bars(DAYS, 8)
const signals = {
  table: buildSignals(session, SETTINGS).table,
  thresholds: THRESHOLDS,
  lookforwardSeconds: 480,
  settings: SETTINGS,
}
const of = (from: number, to: number): Set<string> => new Set(DAYS.slice(from, to))
const dates = { train: of(0, 7), validation: of(7, 10), calibration: of(10, 10), test: of(10, 12) }
const BAND = 0.1
const mixed: PathLaw = { ...fitted.path, spec: { ...SPEC, thresholds: THRESHOLDS } }

describe('the moments of a shift', () => {
  test('are those of the bars, with the labels that the bars give', () => {
    const rows = approachRows({ path: mixed, features: null }, { ...signals, bars: session }, dates)
    const all = collectMoments(approachMoments(session, SETTINGS))
    const [moved, window, time] = ['moved', 'window_s', 'time_to_touch'].map((name) => numbersOf(all.table, name))
    const kept = Array.from(all.sessions.keys()).filter(
      (row) => -(moved?.[row] ?? 0) > BAND && (window?.[row] ?? 0) >= 60,
    )
    expect(rows?.state.rows).toBe(kept.length)
    const touched = kept.flatMap((row) =>
      SPEC.horizons.map((horizon) =>
        (window?.[row] ?? 0) < horizon ? -1 : Number((time?.[row] ?? Number.NaN) < horizon),
      ),
    )
    expect([...(rows?.labels ?? [])]).toEqual(touched)
    expect(new Set(rows?.roles)).toEqual(new Set(['train', 'validation', 'test']))
  })

  test('say nothing without bars', async () => {
    const { shift, fit } = await fitApproach({ law: { path: mixed, features: null }, signals, dates }, {})
    expect(shift).toBeNull()
    expect(fit.reason).toContain('without bars there are no moments before touches')
  })
})

describe('a law that shifts P(touch)', () => {
  test('publishes the shift of batch to the bit, and leaves what follows a touch as it is', async () => {
    const request = { law: { path: mixed, features: null }, signals: { ...signals, bars: session }, dates, rounds: 5 }
    const { shift, rows } = await fitApproach(request, { seed: 3 })
    const shifted = { ...mixed, approach: shift }
    const raw = predictRaw((shift as ApproachShift).trees, (rows as ApproachRows).state)
    const [before, after] = [mixed, shifted].map((path) => ({
      read: lawForecaster({ path, features: null }),
      path: pathForecaster({ path, features: null }, { touchBand: BAND }),
    }))
    if (before === undefined || after === undefined) throw new Error('there are two laws')
    const barrier = createBarrier(after.read.law, SPEC.horizons)
    const size = after.path.heads.length
    const empty = () => ({ values: new Float64Array(size), low: new Float64Array(size), high: new Float64Array(size) })
    let moves = 0
    for (const [row, moment] of (rows as ApproachRows).numbers.entries()) {
      if (row % 97 !== 0) continue
      const { approach, ...at } = after.read.tiltedAt(moment, null) ?? { approach: 0 }
      expect(approach).toBe((raw[row] as number) / (shift as ApproachShift).scale)
      if (!('moment' in at)) throw new Error('the price is known')
      const asked = { numbers: moment.numbers, price: moment.price, row: null, approach: moment.numbers }
      const [old, now] = [empty(), empty()]
      before.path.forecast(asked, old)
      after.path.forecast(asked, now)
      const outcomes = size - SPEC.horizons.length
      expect([...now.values.subarray(0, outcomes)]).toEqual([...old.values.subarray(0, outcomes)])
      const { sigma, secondsLeft = Infinity } = at.moment
      const distance = -(moment.numbers[MOMENT_NUMBERS.indexOf('moved')] as number) - BAND
      const direct = { distance, sigma: sigma * Math.exp(approach), tilt: at.tilt, secondsLeft }
      const touch = [...now.values.subarray(outcomes)]
      expect(touch).toEqual([...barrier(direct, new Float64Array(SPEC.horizons.length))])
      expect(touch.toSorted((a, b) => a - b)).toEqual(touch)
      moves += Number(touch[0] !== old.values[outcomes])
    }
    expect(moves).toBeGreaterThan(10)
  })
})
