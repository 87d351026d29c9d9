import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readNpz, writeNpz } from '@breakwater/formats/npz'
import type { NpyArray, NpyStream } from '@breakwater/formats/npz'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-npz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'arrays.npz')
/** Written by NumPy 2.4: tools/interop/test/npz.py write. */
const recorded = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.npz`, import.meta.url))
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Text that NumPy can hold: whole code points, no NUL at the end. */
const word = fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replace(/\0+$/, ''))
const shape = fc.array(fc.nat(3), { maxLength: 3 })
const array = shape.chain((lengths): fc.Arbitrary<NpyArray> => {
  const length = lengths.reduce((product, one) => product * one, 1)
  const of = { minLength: length, maxLength: length }
  return fc.oneof(
    fc.float32Array(of).map((values) => ({ type: 'float32' as const, shape: lengths, values })),
    fc.float64Array(of).map((values) => ({ type: 'float64' as const, shape: lengths, values })),
    fc.int8Array(of).map((values) => ({ type: 'int8' as const, shape: lengths, values })),
    fc.bigInt64Array(of).map((values) => ({ type: 'int64' as const, shape: lengths, values })),
    fc.uint8Array({ ...of, max: 1 }).map((values) => ({ type: 'bool' as const, shape: lengths, values })),
    fc.array(word, of).map((values) => ({ type: 'text' as const, shape: lengths, values })),
  )
})

test('what is written is read again, whatever the types and shapes, stored or deflated', async () => {
  const names = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/)
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, array, { maxKeys: 5 }), fc.boolean(), async (arrays, compress) => {
      await writeNpz(file, arrays, { compress })
      expect(Object.fromEntries(await readNpz(file))).toEqual({ ...arrays })
    }),
    { numRuns: 60 },
  )
})

test('the same arrays give the same bytes', async () => {
  const arrays: Record<string, NpyArray> = { X: { type: 'float32', shape: [2], values: Float32Array.of(1, 2) } }
  await writeNpz(file, arrays)
  const first = sha256(file)
  await writeNpz(file, arrays)
  expect(sha256(file)).toBe(first)
})

test('values that come in pieces give the bytes of values given at once', async () => {
  const values = Float32Array.from({ length: 900_000 }, (_, i) => Math.sin(i))
  await writeNpz(file, { X: { type: 'float32', shape: [3, 300_000], values } })
  const atOnce = sha256(file)
  const pieces: NpyStream = {
    type: 'float32',
    shape: [3, 300_000],
    chunks: (function* () {
      for (let at = 0; at < values.length; at += 70_001) yield values.subarray(at, at + 70_001)
    })(),
  }
  await writeNpz(file, { X: pieces })
  expect(sha256(file)).toBe(atOnce)
})

test('values fewer than the shape says are an error, and leave no file and no half of one', async () => {
  const missing = join(folder, 'none', 'short.npz')
  const short: NpyArray = { type: 'float32', shape: [2, 2], values: Float32Array.of(1, 2, 3) }
  await expect(writeNpz(missing, { X: short })).rejects.toThrow(
    `formats: ${missing}: array X: shape=[2, 2] has 4 elements, and 3 were given.`,
  )
  expect(readdirSync(join(folder, 'none'))).toEqual([])
})

test('a failure while writing leaves the earlier file as it was', async () => {
  await writeNpz(file, { X: { type: 'int8', shape: [1], values: Int8Array.of(7) } })
  const before = sha256(file)
  const failing: NpyStream = {
    type: 'float32',
    shape: [4],
    chunks: (function* () {
      yield Float32Array.of(1, 2)
      throw new Error('the source broke')
    })(),
  }
  await expect(writeNpz(file, { X: failing })).rejects.toThrow('the source broke')
  expect(sha256(file)).toBe(before)
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test.each(['plain', 'compressed'])('reads what NumPy recorded as %s.npz', async (name) => {
  const arrays = await readNpz(recorded(name))
  expect(arrays.get('fortran')).toEqual({ type: 'float64', shape: [2, 3], values: Float64Array.of(0, 1, 2, 3, 4, 5) })
  expect(arrays.get('times')?.values).toEqual(BigInt64Array.of(1_734_360_600_000_000_001n, -(2n ** 63n)))
  expect(arrays.get('words')).toEqual({ type: 'text', shape: [2, 2], values: ['BREAK', '', 'café 🚀', 'x'] })
  expect(arrays.get('cube')?.values.slice(0, 4)).toEqual(Float32Array.of(Number.NaN, 0.125, 0.25, 0.375))
  expect(arrays.get('single')).toEqual({ type: 'text', shape: [], values: ['one'] })
})

test('reads a header of version 2.0', async () => {
  const arrays = await readNpz(recorded('long_header'))
  expect(arrays.get('times')).toEqual({ type: 'int64', shape: [3], values: BigInt64Array.of(0n, 1n, 2n) })
})

test('only the arrays asked for are read: a pickled one beside them does not matter', async () => {
  const arrays = await readNpz(recorded('pickled'), { names: ['X'] })
  expect([...arrays.keys()]).toEqual(['X'])
})

test('pickled objects are refused, naming file and array', async () => {
  await expect(readNpz(recorded('pickled'))).rejects.toThrow(
    `formats: ${recorded('pickled')}: array event_id: contains pickled Python objects, which could run code`,
  )
})

test('an array that the file lacks is named', async () => {
  await expect(readNpz(recorded('plain'), { names: ['cube', 'y_break'] })).rejects.toThrow(
    `formats: ${recorded('plain')}: array y_break: is not in the file.`,
  )
})

test('a file that is not a zip archive, and one that is not there, are told apart', async () => {
  const text = join(folder, 'text.npz')
  writeFileSync(text, 'date,open\n2025-12-16,680\n')
  await expect(readNpz(text)).rejects.toThrow(`formats: ${text}: is not a whole .npz file (a zip archive).`)
  const absent = join(folder, 'absent.npz')
  await expect(readNpz(absent)).rejects.toThrow(`formats: ${absent}: there is no such file.`)
})

test('a zip archive of something else is refused by array', async () => {
  const bytes = readFileSync(recorded('long_header'))
  const other = join(folder, 'other.npz')
  // The entry's bytes follow its local header: 30 bytes and the name.
  bytes.write('\u0093NUMPX', 30 + 'times.npy'.length, 'latin1')
  writeFileSync(other, bytes)
  await expect(readNpz(other)).rejects.toThrow("array times: is not in NumPy's .npy format")
})

test('a changed byte and a file cut short are noticed', async () => {
  const bytes = readFileSync(recorded('long_header'))
  const bad = join(folder, 'bad.npz')
  const changed = Buffer.from(bytes)
  const last = 30 + 'times.npy'.length + 128 + 3 * 8 - 1
  changed.writeUInt8(changed.readUInt8(last) ^ 1, last)
  writeFileSync(bad, changed)
  await expect(readNpz(bad)).rejects.toThrow(`formats: ${bad}: array times: does not have the CRC-32`)
  writeFileSync(bad, bytes.subarray(0, bytes.length - 30))
  await expect(readNpz(bad)).rejects.toThrow(`formats: ${bad}: is not a whole .npz file`)
})

test('element types that are not read here are named', async () => {
  const bytes = readFileSync(recorded('long_header'))
  const at = bytes.indexOf("'<i8'")
  bytes.write("'>i8'", at, 'latin1')
  const big = join(folder, 'big.npz')
  writeFileSync(big, bytes)
  await expect(readNpz(big)).rejects.toThrow(
    'array times: has elements of type >i8: float32, float64, int8, int64, bool and str',
  )
})

test('a string that ends in NUL is refused: NumPy would drop the NUL', async () => {
  const words: NpyArray = { type: 'text', shape: [1], values: ['a\0'] }
  await expect(writeNpz(file, { words })).rejects.toThrow('string 0 ends in NUL, which NumPy would drop')
})
