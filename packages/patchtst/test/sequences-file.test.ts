import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readNpz, writeNpz } from '@breakwater/formats/npz'
import type { NpyArray } from '@breakwater/formats/npz'
import { joinSequences, readSequences, writeSequences } from '@breakwater/patchtst'
import type { SequenceData, SequenceStream } from '@breakwater/patchtst'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleData } from './sample-sequences.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-sequences-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'sequence_dataset_2025-12-16.npz')
const streamed = ({ x, ...data }: SequenceData): SequenceStream => ({ ...data, x: [x.subarray(0, 6), x.subarray(6)] })

describe('a sequence file', () => {
  test('is read as it was written', async () => {
    await writeSequences(file, streamed(sampleData()))
    expect(await readSequences(file)).toEqual(sampleData({ source: file }))
  })

  test('holds the arrays of the contract', async () => {
    await writeSequences(file, streamed(sampleData()))
    const arrays = await readNpz(file)
    expect(Array.from(arrays, ([name, { type, shape }]) => [name, type, shape])).toEqual([
      ['X', 'float32', [2, 3, 2]],
      ['mask', 'bool', [2, 3]],
      ['static', 'float32', [2, 2]],
      ['y_break', 'int8', [2]],
      ['y_strength', 'float32', [2]],
      ['event_id', 'text', [2]],
      ['ts_ns', 'int64', [2]],
      ['seq_feature_names', 'text', [2]],
      ['static_feature_names', 'text', [2]],
      ['y_reach', 'int8', [2, 1, 2]],
      ['reach_curve_names', 'text', [1]],
      ['reach_horizons_s', 'int64', [2]],
      ['metadata', 'text', []],
    ])
  })

  test('may lack reach labels, metadata and statics', async () => {
    const plain = sampleData({ reach: null, metadata: '', staticNames: [], statics: new Float32Array() })
    await writeSequences(file, streamed(plain))
    expect(await readSequences(file)).toEqual({ ...plain, source: file })
  })
})

describe('a sequence file that breaks a rule names itself and the array', () => {
  let arrays: Record<string, NpyArray>
  beforeAll(async () => {
    await writeSequences(file, streamed(sampleData()))
    arrays = Object.fromEntries(await readNpz(file))
  })
  const bad = join(folder, 'bad.npz')
  const cases: readonly (readonly [what: string, name: string, array: NpyArray, message: string])[] = [
    [
      'NaN in X where the mask says observed',
      'X',
      { type: 'float32', shape: [2, 3, 2], values: Float32Array.of(0, 0, 1, 2, 3, Number.NaN, 1, 2, 3, 4, 5, 6) },
      'array X: sample 0, step 2, volume is NaN where the mask says observed',
    ],
    [
      'a mask without a single step',
      'mask',
      { type: 'bool', shape: [2, 3], values: Uint8Array.of(1, 1, 1, 0, 0, 0) },
      'array mask: sample 1 (SPY-b) has no observed step',
    ],
    [
      'a mask that is no mask',
      'mask',
      { type: 'int8', shape: [2, 3], values: Int8Array.of(1, 2, 1, 0, 0, 1) },
      'array mask: sample 0, step 1 is 2: must be 0 or 1',
    ],
    [
      'fewer labels than samples',
      'y_break',
      { type: 'int8', shape: [1], values: Int8Array.of(1) },
      'array y_break: has 1 values and should have 2',
    ],
    [
      'a label that is none',
      'y_break',
      { type: 'int64', shape: [2], values: BigInt64Array.of(1n, 7n) },
      'array y_break: sample 1 is 7: must be 1 (break), 0 (bounce) or -1',
    ],
    [
      'a matrix where a cube belongs',
      'X',
      { type: 'float32', shape: [2, 6], values: new Float32Array(12) },
      'array X: is float32 of shape (2, 6): must be float32 or float64 of 3 dimensions',
    ],
    [
      'a name twice',
      'seq_feature_names',
      { type: 'text', shape: [2], values: ['close', 'close'] },
      'array seq_feature_names: names close twice',
    ],
    [
      'an infinite static',
      'static',
      { type: 'float32', shape: [2, 2], values: Float32Array.of(1, 2, 3, Number.POSITIVE_INFINITY) },
      'array static: direction=UP is infinite in sample 1',
    ],
  ]

  test.each(cases)('%s', async (_what, name, array, message) => {
    await writeNpz(bad, { ...arrays, [name]: array })
    await expect(readSequences(bad)).rejects.toThrow(`patchtst: ${bad}: ${message}`)
  })

  test('an array that is not there', async () => {
    const { mask, ...rest } = arrays
    expect(mask?.shape).toEqual([2, 3])
    await writeNpz(bad, rest)
    await expect(readSequences(bad)).rejects.toThrow(`patchtst: ${bad}: array mask: is not in the file`)
  })
})

describe('several files', () => {
  test('become one, in order', () => {
    const [one, two] = [sampleData({ source: 'one' }), sampleData({ source: 'two', eventIds: ['SPY-c', 'SPY-d'] })]
    const both = joinSequences([one, two])
    expect(both.source).toBe('one and 1 more')
    expect(both.samples).toBe(4)
    expect(both.eventIds).toEqual(['SPY-a', 'SPY-b', 'SPY-c', 'SPY-d'])
    expect([...both.x]).toEqual([...one.x, ...two.x])
    expect([...(both.reach?.values ?? [])]).toEqual([0, 1, -1, -1, 0, 1, -1, -1])
  })

  test.each<[what: string, other: Partial<SequenceData>, message: string]>([
    [
      'channels',
      { channelNames: ['close', 'high'] },
      'array seq_feature_names: has high at place 1, and train.npz has volume',
    ],
    ['lengths', { length: 4 }, 'array X: has 4 steps at place 0, and train.npz has 3 steps'],
    [
      'statics',
      { staticNames: ['atr'] },
      'array static_feature_names: has nothing at place 1, and train.npz has direction=UP',
    ],
    ['reach labels', { reach: null }, 'array reach_curve_names: has nothing at place 0, and train.npz has t1'],
  ])('of other %s are refused, naming both', (_what, other, message) => {
    const train = sampleData({ source: 'train.npz' })
    expect(() => joinSequences([train, sampleData({ source: 'val.npz', ...other })])).toThrow(
      `patchtst: val.npz: ${message}`,
    )
  })
})
