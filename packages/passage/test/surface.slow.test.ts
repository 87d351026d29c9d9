import {
  createSurface,
  defaultExperts,
  either,
  expectedMaximum,
  first,
  hit,
  incoherence,
  type Law,
  lawFromJson,
  type Moment,
  settled,
} from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { uniformSource } from './random.ts'

const spec = { thresholds: [0.5, 1], horizons: [60, 120, 180, 300], window: 480 }
const experts = defaultExperts()

/** Weights of several sizes, none of them equal. */
function lopsidedLaw(): Law {
  const raw = experts.map((_, k) => 1 / (1 + ((k * 7) % 11)))
  const sum = raw.reduce((total, weight) => total + weight, 0)
  return { version: 1, experts, weights: raw.map((weight) => weight / sum), breakShare: 0.45 }
}

function single(volatility: number, drift: number): Law {
  return { version: 1, experts: [{ kind: 'diffusion', volatility, drift }], weights: [1], breakShare: 0.5 }
}

/** The values of one Brownian expert, written out with the formulas; P(break side first) in place of direction. */
function byHand(volatility: number, drift: number, { displacement, sigma }: Moment): number[] {
  const at = (threshold: number, seconds: number): readonly [number, number, number, number] => {
    const unit = volatility * sigma * Math.sqrt(seconds / 60)
    const m = (drift * Math.sqrt(seconds / 60)) / volatility
    return [(threshold - displacement) / unit, (threshold + displacement) / unit, m, unit]
  }
  const reach = spec.thresholds.flatMap((threshold) =>
    [either, (x: number, _: number, m: number) => hit(x, m), (_: number, y: number, m: number) => hit(y, -m)].flatMap(
      (ask) =>
        spec.horizons.map((horizon) => {
          const [x, y, m] = at(threshold, horizon)
          return ask(x, y, m)
        }),
    ),
  )
  const [x, y, m, unit] = at(1, 480)
  const up = displacement + unit * expectedMaximum(0, m)
  const down = -displacement + unit * expectedMaximum(0, -m)
  return [...reach, either(x, y, m), first(x, y, m), up, down, up, down]
}

describe('a surface', () => {
  test('of one Brownian expert has the probabilities of the formulas', () => {
    const uniform = uniformSource(1)
    let worst = 0
    for (let i = 0; i < 300; i++) {
      const volatility = 0.3 + 2 * uniform()
      const drift = 1.2 * (uniform() - 0.5)
      const surface = createSurface(single(volatility, drift), spec)
      const moment = { displacement: 1.8 * (uniform() - 0.5), sigma: 10 ** (uniform() * 2 - 1) }
      const values = surface.at(moment)
      for (const [h, wanted] of byHand(volatility, drift, moment).entries()) {
        const value = (values[h] as number) * (h === 25 ? (values[24] as number) : 1)
        worst = Math.max(worst, Math.abs(value - wanted) / Math.max(1, moment.sigma))
      }
    }
    expect(worst).toBeLessThan(1e-7)
  })

  test('of a mixture is the weighted sum, and direction the ratio of sums', () => {
    const law = lopsidedLaw()
    const moment = { displacement: 0.2, sigma: 0.15 }
    const values = createSurface(law, spec).at(moment)
    const sums = new Float64Array(26)
    for (const [k, expert] of experts.entries()) {
      const alone = createSurface({ ...law, experts: [expert], weights: [1] }, spec).at(moment)
      const weight = law.weights[k] as number
      const breakFirst = (alone[24] as number) * (alone[25] as number)
      for (let h = 0; h < 26; h++) {
        sums[h] = (sums[h] as number) + weight * (h === 25 ? breakFirst : (alone[h] as number))
      }
    }
    for (let h = 0; h < 25; h++) expect(values[h]).toBeCloseTo(sums[h] as number, 7)
    expect(values[25]).toBeCloseTo((sums[25] as number) / (sums[24] as number), 6)
  })

  test('leans beyond the level with a positive tilt', () => {
    const surface = createSurface(lopsidedLaw(), spec)
    const moment = { displacement: 0, sigma: 0.2 }
    const direction = [-2, 0, 2].map((tilt) => surface.at(moment, { tilt })[25] as number)
    expect(direction).toEqual(direction.toSorted((a, b) => a - b))
    expect((direction[2] as number) - (direction[0] as number)).toBeGreaterThan(0.2)
  })

  test('tends to the share of exits where the band is almost never left', () => {
    const values = createSurface(single(1, 0), spec).at({ displacement: 0.9, sigma: 1e-3 })
    expect(values[24]).toBe(0)
    expect(values[25]).toBe(0.5)
  })

  test('names its questions in the order of its values', () => {
    const { questions } = createSurface(single(1, 0), spec)
    expect(questions).toHaveLength(30)
    expect(questions[0]).toEqual({ kind: 'reach', side: 'either', threshold: 0.5, horizon: 60 })
    expect(questions[17]).toEqual({ kind: 'reach', side: 'break', threshold: 1, horizon: 120 })
    expect(questions[25]).toEqual({ kind: 'direction', threshold: 1, horizon: 480 })
    expect(questions[27]).toEqual({ kind: 'ahead', side: 'bounce', horizon: 480 })
  })
})

describe('times that no table was made for', () => {
  const law = lopsidedLaw()
  const tables = createSurface(law, spec)

  test('are the same to the tables’ error at a time that has one and an instant beside it', () => {
    const moment = { displacement: 0.2, sigma: 0.15 }
    const whole = tables.at({ ...moment, secondsLeft: 180 })
    const beside = tables.at({ ...moment, secondsLeft: 180 - 1e-9 })
    for (let h = 0; h < 30; h++) expect(Math.abs((whole[h] as number) - (beside[h] as number))).toBeLessThan(1e-7)
  })
})

describe('what has happened', () => {
  const surface = createSurface(lopsidedLaw(), spec)
  const moment = {
    displacement: 0.1,
    sigma: 0.15,
    past: { elapsed: 240, furthestBeyond: 0.6, furthestBack: 0.2 },
  }

  test('is certain on the clock of the touch, and what can no longer be has probability 0', () => {
    const values = surface.at(moment, { clock: 'touch' })
    // Either side and break side at 0.5: reached. Bounce side at 0.5: only 300 s are not over.
    expect([...values.subarray(0, 8)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    expect([...values.subarray(8, 11)]).toEqual([0, 0, 0])
    expect(values[11]).toBeGreaterThan(0)
    const reasons = surface.questions
      .slice(0, 12)
      .map((question) => (question.kind === 'reach' ? settled(question, moment, 'touch') : undefined))
    expect(reasons).toEqual([...Array.from({ length: 8 }, () => 'reached'), 'over', 'over', 'over', undefined])
    expect(incoherence(spec, values)).toBeLessThan(1e-9)
  })

  test('does not count on the clock of the moment, except in the furthest displacements', () => {
    const values = surface.at(moment)
    const fresh = surface.at({ displacement: 0.1, sigma: 0.15 })
    expect([...values.subarray(0, 28)]).toEqual([...fresh.subarray(0, 28)])
    expect(values[28]).toBeGreaterThan(0.6)
    expect(values[28]).toBeGreaterThan(fresh[28] as number)
  })

  test('of 60 s left on the clock of the touch is what 60 s from the moment on give', () => {
    const values = surface.at(moment, { clock: 'touch' })
    const ahead = surface.at({ displacement: 0.1, sigma: 0.15 })
    expect(values[11]).toBeCloseTo(ahead[8] as number, 7)
  })

  test('knows the side that was first where one has been reached, and not where both have', () => {
    const one = { ...moment, past: { ...moment.past, furthestBeyond: 1.2 } }
    const both = { ...moment, past: { ...moment.past, furthestBeyond: 1.2, furthestBack: 1 } }
    expect([...surface.at(one, { clock: 'touch' }).subarray(24, 26)]).toEqual([1, 1])
    expect([...surface.at(both, { clock: 'touch' }).subarray(24, 26)]).toEqual([1, NaN])
  })

  test('no path goes on after the session', () => {
    const ended = surface.at({ displacement: 0.1, sigma: 0.15, secondsLeft: 0 })
    expect([...ended.subarray(0, 25)]).toEqual(Array.from({ length: 25 }, () => 0))
    const minute = surface.at({ displacement: 0.1, sigma: 0.15, secondsLeft: 60 })
    for (const h of [1, 2, 3]) expect(minute[h]).toBe(minute[0])
  })
})

describe('a law as data', () => {
  test('survives JSON', () => {
    expect(lawFromJson(JSON.parse(JSON.stringify(lopsidedLaw())))).toEqual(lopsidedLaw())
  })

  test.each([
    [{ ...single(1, 0), version: 2 }, /passage: law\.version: .*Is it a law of version 1\?/],
    [{ ...single(1, 0), code: 'x' }, /passage: law: .*code/],
    [{ ...single(1, 0), weights: [0.5] }, /passage: law\.weights=\[1 numbers with sum 0\.5\]: must be one for each/],
    [single(-1, 0), /passage: law\.experts\.0\.volatility: /],
    [{ ...single(1, 0), breakShare: 1.5 }, /passage: law\.breakShare: /],
    [null, /passage: law: /],
  ])('damaged data are refused: case %#', (value, message) => {
    expect(() => lawFromJson(value)).toThrow(message)
  })
})

describe('bad input', () => {
  const surface = createSurface(single(1, 0), spec)

  test.each([
    [{ displacement: NaN, sigma: 1 }, /moment\.displacement=NaN: must be finite/],
    [{ displacement: 0, sigma: 0 }, /moment\.sigma=0: must be positive and finite/],
    [{ displacement: 0, sigma: 1, secondsLeft: -1 }, /moment\.secondsLeft=-1: must be at least 0/],
    [
      { displacement: 0.5, sigma: 1, past: { elapsed: 0, furthestBeyond: 0.4, furthestBack: 0 } },
      /moment\.past\.furthestBeyond=0\.4: must be finite and enclose/,
    ],
  ])('of a moment: case %#', (moment, message) => {
    expect(() => surface.at(moment)).toThrow(message)
  })

  test('of spec, tilt and buffer', () => {
    expect(() => createSurface(single(1, 0), { ...spec, thresholds: [1, 0.5] })).toThrow(
      'passage: thresholds=[1, 0.5]: must have at least one number, all positive and rising. Sort them.',
    )
    expect(() => createSurface(single(1, 0), { ...spec, window: 200 })).toThrow('passage: window=200: must be finite')
    expect(() => surface.at({ displacement: 0, sigma: 1 }, { tilt: NaN })).toThrow('options.tilt=NaN: must be finite')
    expect(() => surface.at({ displacement: 0, sigma: 1 }, {}, new Float64Array(3))).toThrow('out.length=3: must be 30')
  })
})
