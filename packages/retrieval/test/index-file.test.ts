import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSearcher, fitIndex } from '@breakwater/retrieval'
import { loadIndex, saveIndex } from '@breakwater/retrieval/node'
import { afterAll, describe, expect, test } from 'vitest'
import { makeTouches, rowOf } from './touches.ts'

const folder = mkdtempSync(join(tmpdir(), 'retrieval-'))
afterAll(() => rmSync(folder, { recursive: true }))

const touches = makeTouches({ rows: 200, columns: 11, missing: 0.1, seed: 6 })
const index = fitIndex(touches.matrix, touches.outcomes, touches.metadata)
const path = join(folder, 'index.safetensors')

/** The header as JSON and where the data begin. */
function headerOf(bytes: Buffer): { header: Record<string, { data_offsets?: number[] }>; end: number } {
  const end = 8 + Number(bytes.readBigUInt64LE(0))
  return { header: JSON.parse(bytes.subarray(8, end).toString()) as Record<string, { data_offsets?: number[] }>, end }
}

describe('a saved index', () => {
  test('reads back to the same answers, bit for bit, and the same bytes again', async () => {
    const saved = await saveIndex(path, index, { note: 'kept' })
    expect(saved.bytes).toBe(readFileSync(path).length)
    expect(saved.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'))
    const loaded = await loadIndex(path, { features: touches.matrix.columns })
    expect(loaded.metadata).toMatchObject({ note: 'kept', format: 'breakwater-retrieval-index', version: '1' })
    expect(loaded.index).toEqual(index)
    const query = { asOf: 2n ** 62n, filters: { direction: 'UP' }, neighbours: true }
    const row = rowOf(touches.matrix, 17)
    expect(createSearcher(loaded.index).query(row, query)).toEqual(createSearcher(index).query(row, query))
    const again = await saveIndex(join(folder, 'again.safetensors'), loaded.index, { note: 'kept' })
    expect(again.sha256).toBe(saved.sha256)
  })

  test('is one piece of shared memory that every array views, aligned to 64 bytes', async () => {
    await saveIndex(path, index)
    const { stored, vectors, normaliser } = (await loadIndex(path)).index
    const buffers = new Set([vectors.buffer, stored.tsNs.buffer, stored.ids.bytes.buffer, normaliser.mean.buffer])
    expect(buffers.size).toBe(1)
    expect(vectors.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(vectors.buffer.byteLength).toBe(readFileSync(path).length)
    expect(headerOf(readFileSync(path)).end % 64).toBe(0)
  })

  test('names its features, and others are refused with the first that differs', async () => {
    await saveIndex(path, index)
    const columns = touches.matrix.columns.with(3, 'y3')
    await expect(loadIndex(path, { features: columns })).rejects.toThrow(
      'feature 3 of the index is x3, and y3 was asked for',
    )
    await expect(loadIndex(path, { features: touches.matrix.columns.slice(0, 10) })).rejects.toThrow(
      'feature 10 of the index is x10, and none was asked for',
    )
  })

  test('leaves no temporary file', async () => {
    await saveIndex(path, index)
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('keeps details under names of their own', async () => {
    await expect(saveIndex(path, index, { features: 'x' })).rejects.toThrow("details.features: is the index's own name")
  })
})

/** The same file with its header's text changed, padded to the same length. */
const reheaded = (change: (text: string) => string) => (bytes: Buffer) => {
  const { end } = headerOf(bytes)
  const text = change(bytes.subarray(8, end).toString().trimEnd()).padEnd(end - 8)
  const header = Buffer.alloc(8)
  header.writeBigUInt64LE(BigInt(Buffer.byteLength(text)))
  return Buffer.concat([header, Buffer.from(text), bytes.subarray(end)])
}

describe('a file that is not a whole index is refused with the reason', () => {
  const damaged = join(folder, 'damaged.safetensors')
  const damage = async (change: (bytes: Buffer) => Buffer): Promise<void> => {
    await saveIndex(path, index)
    writeFileSync(damaged, change(readFileSync(path)))
  }
  test.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['empty', () => Buffer.alloc(0), '0 bytes are too few'],
    ['text', () => Buffer.from('event_id,ts_ns\n1,2\n'), 'its header would be'],
    ['cut off in the header', (bytes) => bytes.subarray(0, 100), 'its header would be'],
    ['cut off in the data', (bytes) => bytes.subarray(0, -5), 'it was cut off or added to'],
    ['added to', (bytes) => Buffer.concat([bytes, Buffer.from('x')]), 'it was cut off or added to'],
    [
      'changed in one bit',
      (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 900) ^ 1, bytes.length - 900)
        return bytes
      },
      'it was changed after it was written',
    ],
    [
      'of another version',
      reheaded((text) => text.replace('"version":"1"', '"version":"9"')),
      'its version is 9, and this reader knows 1',
    ],
    [
      'of another format',
      reheaded((text) => text.replace('breakwater-retrieval-index', 'another-format-of-some-sort')),
      'its format is another-format-of-some-sort',
    ],
    ['without a tensor', reheaded((text) => text.replace('"observed"', '"obzerved"')), 'it has no tensor observed'],
    [
      'with a tensor of another type',
      reheaded((text) => text.replace('"row":{"dtype":"I32"', '"row":{"dtype":"F32"')),
      'tensor row is F32 200, not I32 200',
    ],
    [
      'whose tensors overlap',
      reheaded((text) =>
        text.replace(/("observed":\{"dtype":"F32","shape":\[200\],"data_offsets":)\[\d+,\d+\]/, '$1[0,800]'),
      ),
      'begins at',
    ],
    ['with a header that is no JSON', reheaded((text) => text.replace('{', '[')), 'its header is not JSON'],
  ])('%s', async (_, change, message) => {
    await damage(change)
    const refused = loadIndex(damaged)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow(`retrieval: ${damaged}: is not a whole retrieval index`)
  })

  test('absent', async () => {
    await expect(loadIndex(join(folder, 'none.safetensors'))).rejects.toThrow(
      'none.safetensors: the retrieval index is missing. Run `breakwater index` first.',
    )
  })
})
