import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { feasibilityGate, type GateInputs, outcomeProbabilities, shiftLogit, utilityScore } from '@breakwater/viewport'

const quiet: GateInputs = {
  barrierState: 'NEUTRAL',
  fuelEffect: 'NEUTRAL',
  tapeImbalance: 0,
  directionSign: 1,
  gammaExposure: 0,
}
const biasOf = (inputs: Partial<GateInputs>): number => feasibilityGate({ ...quiet, ...inputs }).breakLogitBias

describe('feasibilityGate', () => {
  test.each([
    [{ barrierState: 'WALL', fuelEffect: 'DAMPEN', tapeImbalance: -0.3 }, -1],
    [{ barrierState: 'ABSORPTION', fuelEffect: 'DAMPEN', tapeImbalance: -0.21 }, -1],
    [{ barrierState: 'WALL', fuelEffect: 'DAMPEN', tapeImbalance: -0.2 }, 0],
    [{ barrierState: 'WALL', fuelEffect: 'AMPLIFY', tapeImbalance: -0.3 }, 0],
    [{ barrierState: 'WALL', fuelEffect: 'DAMPEN', tapeImbalance: 0.3 }, 0],
    [{ barrierState: 'VACUUM', fuelEffect: 'AMPLIFY', tapeImbalance: 0.3 }, 1],
    [{ barrierState: 'CONSUMED', fuelEffect: 'AMPLIFY', tapeImbalance: 0.21 }, 1],
    [{ barrierState: 'CONSUMED', fuelEffect: 'AMPLIFY', tapeImbalance: 0.2 }, 0],
    [{ barrierState: 'WEAK', fuelEffect: 'AMPLIFY', tapeImbalance: 0.9 }, 0],
    [{ fuelEffect: 'AMPLIFY', gammaExposure: -50_001 }, 1],
    [{ fuelEffect: 'AMPLIFY', gammaExposure: -50_000 }, 0],
    [{ fuelEffect: 'DAMPEN', gammaExposure: 50_001 }, -1],
    [{ fuelEffect: 'DAMPEN', gammaExposure: -60_000 }, 0],
    [{ fuelEffect: 'NEUTRAL', gammaExposure: 60_000 }, 0],
    [{ barrierState: 'VACUUM', fuelEffect: 'AMPLIFY', tapeImbalance: 0.3, gammaExposure: -90_000 }, 2],
    [{ barrierState: 'WALL', fuelEffect: 'DAMPEN', tapeImbalance: -0.3, gammaExposure: 90_000 }, -2],
  ] satisfies [Partial<GateInputs>, number][])('%j is %d', (inputs, bias) => {
    expect(biasOf(inputs)).toBe(bias)
  })

  test('reads tape by the direction of approach: selling into a level from above is with it', () => {
    const selling = { barrierState: 'VACUUM', fuelEffect: 'AMPLIFY', tapeImbalance: -0.5 }
    expect(biasOf({ ...selling, directionSign: -1 })).toBe(1)
    expect(biasOf({ ...selling, directionSign: 1 })).toBe(0)
  })

  test('forbids a side only where both rules speak against it', () => {
    const against = { ...quiet, barrierState: 'WALL', fuelEffect: 'DAMPEN', tapeImbalance: -0.3 }
    expect(feasibilityGate(against)).toMatchObject({ allowBreak: true, allowBounce: true })
    expect(feasibilityGate({ ...against, gammaExposure: 90_000 })).toMatchObject({
      allowBreak: false,
      allowBounce: true,
    })
    const forBreak = {
      ...quiet,
      barrierState: 'VACUUM',
      fuelEffect: 'AMPLIFY',
      tapeImbalance: 0.3,
      gammaExposure: -90_000,
    }
    expect(feasibilityGate(forBreak)).toMatchObject({ allowBreak: true, allowBounce: false })
    expect(feasibilityGate(forBreak, { infeasibleFrom: 2.1 })).toMatchObject({ allowBreak: true, allowBounce: true })
  })

  test('says what each rule found, and what it lacks', () => {
    expect(
      feasibilityGate({ ...quiet, barrierState: null, tapeImbalance: Number.NaN, gammaExposure: null }),
    ).toStrictEqual({
      allowBreak: true,
      allowBounce: true,
      breakLogitBias: 0,
      rules: [
        { rule: 'barrier', bias: 0, reason: 'barrier, fuel or tape is missing' },
        { rule: 'gamma', bias: 0, reason: 'fuel or gamma is missing' },
      ],
    })
    const { rules } = feasibilityGate({ ...quiet, barrierState: 'CONSUMED', fuelEffect: 'AMPLIFY', tapeImbalance: 0.5 })
    expect(rules.map(({ reason }) => reason)).toStrictEqual([
      'CONSUMED with AMPLIFY and tape with the approach',
      'gamma has no effect',
    ])
  })

  test('keeps the sum within its bounds', () => {
    const all = { ...quiet, barrierState: 'VACUUM', fuelEffect: 'AMPLIFY', tapeImbalance: 0.3, gammaExposure: -90_000 }
    expect(feasibilityGate(all, { barrierStep: 2, gammaStep: 2 }).breakLogitBias).toBe(2.5)
    expect(feasibilityGate(all, { mostBias: 0 }).breakLogitBias).toBe(0)
  })

  test('refuses a direction and options that are none', () => {
    expect(() => feasibilityGate({ ...quiet, directionSign: 0 })).toThrow(
      'viewport: directionSign=0: must be 1 (UP) or -1 (DOWN).',
    )
    expect(() => feasibilityGate(quiet, { tapeFrom: -1 })).toThrow('viewport: options.tapeFrom=-1')
    expect(() => feasibilityGate(quiet, { infeasibleFrom: 0 })).toThrow('viewport: options.infeasibleFrom=0')
  })
})

const logit = (q: number): number => Math.log(q / (1 - q))

describe('shiftLogit', () => {
  test('adds to the logit, for any probability and bias', () => {
    const bias = fc.double({ min: -5, max: 5, noNaN: true })
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), bias, (p, b) => {
        expect(logit(shiftLogit(p, b))).toBeCloseTo(logit(p) + b, 6)
      }),
    )
  })

  test('leaves certainty alone and never overflows', () => {
    expect([shiftLogit(0, 2), shiftLogit(1, -2), shiftLogit(0.3, 0)]).toStrictEqual([0, 1, 0.3])
    expect(shiftLogit(0.5, 1e6)).toBe(1)
    expect(shiftLogit(0.5, -1e6)).toBe(0)
    expect(() => shiftLogit(1.1, 0)).toThrow('viewport: probability=1.1')
    expect(() => shiftLogit(0.5, Number.NaN)).toThrow('viewport: bias=NaN')
  })
})

describe('outcomeProbabilities', () => {
  test('makes three outcomes that add up to 1: what goes nowhere is no bounce', () => {
    const { pBreak, pBounce, pNeither, gateShift } = outcomeProbabilities(
      0.4,
      { breakGivenTradeable: 0.75 },
      { breakLogitBias: 0 },
    )
    expect([pBreak, pBounce, pNeither]).toStrictEqual([expect.closeTo(0.3, 12), expect.closeTo(0.1, 12), 0.6])
    expect(gateShift).toBe(0)
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(-2.5, -1, 0, 1, 2.5),
        (tradeable, breakGivenTradeable, breakLogitBias) => {
          const all = outcomeProbabilities(tradeable, { breakGivenTradeable }, { breakLogitBias })
          expect(all.pBreak + all.pBounce + all.pNeither).toBeCloseTo(1, 12)
          expect(all.gateShift * breakLogitBias).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

describe('utilityScore', () => {
  test('is dollars times their chance, and refuses NaN', () => {
    expect(utilityScore(0.5, -3)).toBe(1.5)
    expect(utilityScore(0, 3)).toBe(0)
    expect(() => utilityScore(0.5, Number.NaN)).toThrow('viewport: strengthSigned=NaN: must be a finite number.')
    expect(() => utilityScore(Number.NaN, 1)).toThrow('viewport: tradeable=NaN')
  })
})
