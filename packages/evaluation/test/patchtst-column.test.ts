import type { Predictions, SequenceData } from '@breakwater/patchtst'
import { describe, expect, test } from 'vitest'
import { patchTstColumn } from '@breakwater/evaluation/sets'
import type { PredictedPart } from '@breakwater/models/node'

const data: SequenceData = {
  source: 'test.npz',
  samples: 2,
  length: 1,
  channelNames: ['close'],
  x: Float32Array.of(1, 2),
  mask: Uint8Array.of(1, 1),
  staticNames: [],
  statics: new Float32Array(),
  yBreak: Int8Array.of(1, 0),
  yStrength: Float32Array.of(1, -1),
  reach: { curves: ['t1', 't2_break'], horizons: [60, 120], values: new Int8Array(8) },
  eventIds: ['b', 'a'],
  tsNs: BigInt64Array.of(20n, 10n),
  metadata: '',
}
const answers: Predictions = {
  samples: 2,
  direction: Float32Array.of(0.5, 0.25),
  strength: Float32Array.of(2, -1),
  reach: Float32Array.of(0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1),
}

/** Events that the trees predicted; a column looks at nothing else. */
function partOf(eventIds: readonly string[], tsNs: readonly bigint[]): PredictedPart {
  return {
    signals: {
      schema: { version: '2', name: '', description: '', columns: [], moments: [], unknown: [] },
      table: { rows: 0, columns: {} },
      hash: '',
      files: [],
      dates: [],
      thresholds: [1, 2],
      lookforwardSeconds: 480,
      symbol: 'SPY',
    },
    predictions: {
      role: 'test',
      rows: eventIds.length,
      eventIds,
      tsNs: BigInt64Array.from(tsNs),
      fold: new Float64Array(eventIds.length),
      heads: new Map(),
      calibrated: new Map(),
      law: new Map(),
      tilted: new Map(),
      served: new Map(),
    },
    targets: [],
    keep: () => true,
  }
}

describe("PatchTST's column of the comparison", () => {
  test('finds each event whatever the order, and says nothing of one without a sequence', () => {
    const heads = patchTstColumn({ data, answers, anchor: '4min' }).heads(partOf(['a', 'c', 'b'], [10n, 15n, 20n]))
    expect([...(heads.get('direction') ?? [])]).toEqual([0.25, Number.NaN, 0.5])
    expect([...(heads.get('strength_signed') ?? [])]).toEqual([-1, Number.NaN, 2])
    expect([...(heads.get('t2_break_60s') ?? [])]).toEqual([0.875, Number.NaN, 0.375])
    expect([...heads.keys()]).toEqual([
      'direction',
      'strength_signed',
      't1_60s',
      't1_120s',
      't2_break_60s',
      't2_break_120s',
    ])
  })

  test("answers the heads of the model's own anchor", () => {
    const heads = patchTstColumn({ data, answers, anchor: '2min' }).heads(partOf(['a'], [10n]))
    expect(heads.has('direction_2min')).toBe(true)
    expect(heads.has('direction')).toBe(false)
  })

  test('refuses an event that stands at another time', () => {
    const column = patchTstColumn({ data, answers, anchor: '4min' })
    expect(() => column.heads(partOf(['a'], [11n]))).toThrow(
      'evaluation: event a: has another time in test.npz than in the signals.',
    )
  })
})
