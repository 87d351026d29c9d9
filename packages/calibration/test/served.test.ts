import { applyCalibrator, headCalibratorFromJson, servedHeads, vennAbersInterval } from '@breakwater/calibration'
import type { VennAbersCalibrator } from '@breakwater/calibration'
import { describe, expect, test } from 'vitest'

const values = (...numbers: readonly number[]): Float64Array => Float64Array.from(numbers)
const platt = { kind: 'platt', slope: 0.5, intercept: 0 } as const
const conformal = { kind: 'conformal', level: 0.8, radius: 0.75 } as const
const vennAbers: VennAbersCalibrator = {
  kind: 'venn-abers',
  low: { x: [0.2, 0.6], y: [0.1, 0.5] },
  high: { x: [0.3, 0.7], y: [0.25, 0.65] },
}

describe('servedHeads', () => {
  test('applies each head its own calibrator, passes NaN through, and leaves dollars and heads without one alone', () => {
    const served = servedHeads([platt, conformal, null], [])
    const out = values(0.8, Number.NaN, 0.5, 1.5, -2, Number.NaN, 0.3, 0.4, 0.5, 99)
    served.apply(out, 3)
    // sigmoid(ln 4 / 2) = 2 / 3; what lies beyond three heads of three rows is not touched.
    expect([...out]).toStrictEqual([expect.closeTo(2 / 3, 12), Number.NaN, 0.5, 1.5, -2, Number.NaN, 0.3, 0.4, 0.5, 99])
  })

  test('gives the intervals of conformal and Venn-ABERS calibrators, and NaN where a head has none', () => {
    const served = servedHeads([platt, conformal, vennAbers], [])
    const out = values(0.8, 0.1, 1.5, Number.NaN, 0.65, 0.1)
    const [low, high] = [new Float64Array(6), new Float64Array(6)]
    served.apply(out, 2, low, high)
    expect([...low]).toStrictEqual([
      Number.NaN,
      Number.NaN,
      0.75,
      Number.NaN,
      vennAbersInterval(vennAbers, 0.65).low,
      vennAbersInterval(vennAbers, 0.1).low,
    ])
    expect([...high.subarray(2)]).toStrictEqual([2.25, Number.NaN, 0.65, 0.25])
    expect([...out.subarray(4)]).toStrictEqual([...applyCalibrator(vennAbers, [0.65, 0.1])])
  })

  test('makes implied events coherent row by row after calibration, and widens an interval that the value left', () => {
    // Head 0 implies head 2; head 1 takes no part.
    const served = servedHeads([{ kind: 'identity' }, null, vennAbers], [{ lower: 0, upper: 2 }])
    const out = values(0.9, 0.1, 0.2, 0.2, 0.1, 0.65)
    const [low, high] = [new Float64Array(6), new Float64Array(6)]
    const own = applyCalibrator(vennAbers, [0.1, 0.65])
    served.apply(out, 2, low, high)
    expect(out[0]).toBe((0.9 + (own[0] as number)) / 2)
    expect(out[4]).toBe(out[0])
    expect([out[1], out[5]]).toStrictEqual([0.1, own[1]])
    expect([out[2], out[3]]).toStrictEqual([0.2, 0.2])
    expect(high[4]).toBe(out[4])
    expect(low[4]).toBe(0)
  })

  test('an event without a prediction connects those around it', () => {
    const served = servedHeads(
      [null, null, null],
      [
        { lower: 0, upper: 1 },
        { lower: 1, upper: 2 },
      ],
    )
    const out = values(0.8, Number.NaN, 0.4)
    served.apply(out, 1)
    expect([...out]).toStrictEqual([expect.closeTo(0.6, 12), Number.NaN, expect.closeTo(0.6, 12)])
  })
})

test('calibrators of bundles are read by task', () => {
  expect(headCalibratorFromJson(null, 'direction', 'binary')).toBeNull()
  expect(headCalibratorFromJson({ kind: 'identity' }, 'direction', 'binary')).toStrictEqual({ kind: 'identity' })
  expect(() => headCalibratorFromJson({ kind: 'identity' }, 'strength_signed', 'regression')).toThrow(
    'calibration: strength_signed.kind',
  )
})
