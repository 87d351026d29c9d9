import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { decodeNpy, encodeNpy, parseLines, runPython, scratchFolder } from '@breakwater/interop'
import { assert, float32Array, float64Array, int32Array, oneof, property, uint8Array } from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { withoutPeers } from './peers.ts'

const folder = scratchFolder()
afterAll(folder.remove)

describe('arrays as .npy files', () => {
  test('what is written is read back, whatever the bits', () => {
    const arrays = oneof(float32Array(), float64Array(), int32Array(), uint8Array())
    assert(
      property(arrays, (values) => {
        const bytes = encodeNpy({ values })
        expect(bytes.length).toBe(128 + values.byteLength)
        expect(decodeNpy(bytes)).toEqual({ values, shape: [values.length], order: 'C' })
      }),
    )
  })

  test('a shape that does not fit and a foreign file are refused', () => {
    expect(() => encodeNpy({ values: Float32Array.of(1, 2, 3), shape: [2, 2] })).toThrow(
      'interop: shape=[2, 2]: 4 elements, but values has 3',
    )
    expect(() => decodeNpy(Uint8Array.of(1, 2, 3))).toThrow('interop: not an .npy file of version 1')
    const complex = Buffer.from(encodeNpy({ values: Float32Array.of(1) }))
    complex.write('<c8', complex.indexOf('<f4'), 'latin1')
    expect(() => decodeNpy(complex)).toThrow('the element type must be one of <f4, <f8, <i4, |u1')
  })
})

test('output that is not the expected JSON is an error with the line', () => {
  const lines = z.object({ auc: z.number() })
  expect(parseLines(lines, 'a.py', '{"auc": 0.5}\n\n{"auc": 1}\n')).toEqual([{ auc: 0.5 }, { auc: 1 }])
  const rule = 'not the JSON that was expected'
  expect(() => parseLines(lines, 'a.py', 'hello\n')).toThrow(`interop: a.py printed "hello": ${rule}`)
  expect(() => parseLines(lines, 'a.py', '{"auc": null}')).toThrow(`interop: a.py printed "{\\"auc\\": null}": ${rule}`)
})

describe.skipIf(withoutPeers)('running Python', () => {
  const found = z.object({ dtype: z.string(), shape: z.array(z.number()), first_row: z.array(z.number()) })
  const script = new URL('arrays.py', import.meta.url)

  test('numpy reads our arrays in both orders, and we read numpy', async () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6)
    for (const [order, firstRow] of [
      ['C', [1, 2, 3]],
      ['F', [1, 3, 5]],
    ] as const) {
      folder.writeArray('given', { values, shape: [2, 3], order })
      const lines = await runPython(found, script, [folder.path])
      expect(lines).toEqual([{ dtype: 'float32', shape: [2, 3], first_row: firstRow }])
      expect(folder.readArray('saved')).toEqual({ values, shape: [2, 3], order })
    }
  })

  test('every element type passes both ways', async () => {
    const kinds = [Float64Array.of(0.1, NaN), Int32Array.of(-1, 2 ** 31 - 1), Uint8Array.of(0, 255)]
    for (const values of kinds) {
      folder.writeArray('given', { values })
      await runPython(z.unknown(), script, [folder.path])
      expect(folder.readArray('saved')).toEqual({ values, shape: [2], order: 'C' })
    }
  })

  test('a script that fails is an error with its last words', async () => {
    const failing = join(folder.path, 'failing.py')
    writeFileSync(failing, 'raise SystemExit("the matrix is empty")\n')
    await expect(runPython(z.unknown(), pathToFileURL(failing))).rejects.toThrow(
      /python .*failing\.py ended with 1\nthe matrix is empty/,
    )
  })
})
