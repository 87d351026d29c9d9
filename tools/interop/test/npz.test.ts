import { join } from 'node:path'
import { runPython, scratchFolder } from '@breakwater/interop'
import { readNpz, writeNpz } from '@breakwater/formats/npz'
import type { NpyArray } from '@breakwater/formats/npz'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { withoutPeers } from './peers.ts'

const folder = scratchFolder()
afterAll(folder.remove)

const script = new URL('npz.py', import.meta.url)
const line = z.object({
  name: z.string(),
  dtype: z.string(),
  shape: z.array(z.number()),
  values: z.array(z.union([z.number(), z.string(), z.boolean()])),
})

const ARRAYS: Readonly<Record<string, NpyArray>> = {
  X: { type: 'float32', shape: [2, 1, 2], values: Float32Array.of(0.5, Number.NaN, -2, 1e-3) },
  y: { type: 'float64', shape: [3], values: Float64Array.of(0.1, -1e300, 5e-324) },
  y_break: { type: 'int8', shape: [3], values: Int8Array.of(1, 0, -1) },
  // Beyond what a JSON number holds exactly: the interval of doubles there is 256.
  ts_ns: { type: 'int64', shape: [2], values: BigInt64Array.of(1_734_360_600_000_000_000n, -(2n ** 63n)) },
  mask: { type: 'bool', shape: [2, 2], values: Uint8Array.of(1, 0, 0, 1) },
  event_id: { type: 'text', shape: [3], values: ['SPY-1', 'café 🚀', ''] },
  note: { type: 'text', shape: [], values: ['one string'] },
  none: { type: 'float32', shape: [0, 4], values: new Float32Array() },
}

describe.skipIf(withoutPeers)('.npz files between NumPy and this workspace', () => {
  test.each([false, true])(
    'NumPy reads every element type written here without pickle, compress=%s',
    async (compress) => {
      await writeNpz(join(folder.path, 'given.npz'), ARRAYS, { compress })
      const read = await runPython(line, script, ['read', folder.path])
      expect(read.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
        ['X', '<f4', [2, 1, 2]],
        ['y', '<f8', [3]],
        ['y_break', '|i1', [3]],
        ['ts_ns', '<i8', [2]],
        ['mask', '|b1', [2, 2]],
        ['event_id', '<U6', [3]],
        ['note', '<U10', []],
        ['none', '<f4', [0, 4]],
      ])
      expect(read.map(({ values }) => values)).toEqual([
        [0.5, 'nan', -2, Math.fround(1e-3)],
        [0.1, -1e300, 5e-324],
        [1, 0, -1],
        [1_734_360_600_000_000_000, -(2 ** 63)],
        [true, false, false, true],
        ['SPY-1', 'café 🚀', ''],
        ['one string'],
        [],
      ])
    },
  )

  test.each(['plain', 'compressed'])('what NumPy saves as %s.npz is read here to the bit', async (name) => {
    await runPython(line, script, ['write', folder.path])
    const arrays = await readNpz(join(folder.path, `${name}.npz`))
    const cube = Float32Array.from({ length: 24 }, (_, i) => (i === 0 ? Number.NaN : i / 8))
    expect(Object.fromEntries(arrays)).toEqual({
      cube: { type: 'float32', shape: [2, 3, 4], values: cube },
      fortran: { type: 'float64', shape: [2, 3], values: Float64Array.of(0, 1, 2, 3, 4, 5) },
      signs: { type: 'int8', shape: [3], values: Int8Array.of(1, 0, -1) },
      times: { type: 'int64', shape: [2], values: BigInt64Array.of(1_734_360_600_000_000_001n, -(2n ** 63n)) },
      flags: { type: 'bool', shape: [1, 2], values: Uint8Array.of(1, 0) },
      words: { type: 'text', shape: [2, 2], values: ['BREAK', '', 'café 🚀', 'x'] },
      single: { type: 'text', shape: [], values: ['one'] },
      empty: { type: 'float32', shape: [0, 5], values: new Float32Array() },
    })
  })
})
