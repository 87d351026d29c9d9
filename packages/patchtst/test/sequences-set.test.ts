import { byInterval, fillStatics, fitStatics, toSequenceSet } from '@breakwater/patchtst'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleData } from './sample-sequences.ts'

describe('reach labels by interval', () => {
  test('say what the labels up to each horizon say, for every reach time and end of observation', () => {
    const horizons = [60, 120, 180, 300]
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (reachedAt, observedTo) => {
        const seen = reachedAt <= observedTo
        const upTo = Int8Array.from(horizons, (h) => (h > observedTo ? -1 : Number(seen && reachedAt <= h)))
        const wanted = horizons.map((h, i) => {
          const start = horizons[i - 1] ?? 0
          if (h > observedTo || (seen && reachedAt <= start)) return -1
          return Number(seen && reachedAt <= h)
        })
        expect([...byInterval(upTo, horizons.length)]).toEqual(wanted)
      }),
    )
  })

  test('a reach after an unknown horizon is placed nowhere, and a later miss settles the intervals before', () => {
    expect([...byInterval(Int8Array.of(-1, 1, 1), 3)]).toEqual([-1, -1, -1])
    expect([...byInterval(Int8Array.of(0, -1, 1), 3)]).toEqual([0, -1, -1])
    expect([...byInterval(Int8Array.of(-1, -1, 0), 3)]).toEqual([0, 0, 0])
  })
})

describe('statics for a model', () => {
  const train = sampleData({
    samples: 3,
    staticNames: ['whole', 'partly', 'never'],
    statics: Float32Array.of(1, 10, Number.NaN, 2, Number.NaN, Number.NaN, 6, 20, Number.NaN),
  })
  const fill = fitStatics(train)

  test('lose columns without a value in training, and gain a flag where one may be missing', () => {
    expect(fill).toEqual({
      kept: ['whole', 'partly'],
      values: [3, 15],
      flagged: ['partly'],
      names: ['whole', 'partly', 'partly is missing'],
    })
    expect([...fillStatics(train, fill)]).toEqual([1, 10, 0, 2, 15, 1, 6, 20, 0])
  })

  test('of later data are filled with what training knew, by name', () => {
    const later = sampleData({ samples: 1, staticNames: ['partly', 'whole'], statics: Float32Array.of(7, Number.NaN) })
    expect([...fillStatics(later, fill)]).toEqual([3, 7, 0])
  })

  test('that lack a column are refused by file and array', () => {
    const other = sampleData({ source: 'val.npz', staticNames: ['whole', 'never'] })
    expect(() => fillStatics(other, fill)).toThrow('patchtst: val.npz: array static_feature_names: lacks partly')
  })
})

test('a sequence set has the windows as they are, finite statics and labels by interval', () => {
  const data = sampleData()
  const set = toSequenceSet(data, fitStatics(data))
  expect(set.x).toBe(data.x)
  expect(set.staticNames).toEqual(['atr', 'direction=UP', 'atr is missing'])
  expect([...set.staticValues]).toEqual([0.5, 1, 0, 0.5, 0, 1])
  expect(set.labels.direction).toBe(data.yBreak)
  expect([...(set.labels.reach ?? [])]).toEqual([0, 1, -1, -1])
})
