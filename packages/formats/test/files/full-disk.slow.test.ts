import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  nodeFileSystem,
  openReplacement,
  replaceFile,
  replaceFileBy,
  replaceFileByCopy,
} from '@breakwater/formats/node'
import type { FileSystem } from '@breakwater/formats/node'
import { afterAll, describe, expect, test } from 'vitest'
import { mount } from './mounted.ts'

const CONTENT = Buffer.alloc(240_000, 'figures ')
const SIZES = 100
const STEP = 2500

/** Does not ask how much is free, so that the disk is full in the middle of a write. */
const unasked: FileSystem = { ...nodeFileSystem, freeBytes: () => Promise.resolve(null) }

const writers: readonly (readonly [name: string, write: (path: string, source: string) => Promise<void>])[] = [
  ['replaceFile', (path) => replaceFile(path, CONTENT)],
  ['replaceFile that does not ask for the space', (path) => replaceFile(path, CONTENT, { files: unasked })],
  [
    'openReplacement',
    async (path) => {
      const stream = await openReplacement(path)
      for (let at = 0; at < CONTENT.length; at += 7777) await stream.write(CONTENT.subarray(at, at + 7777))
      await stream.commit()
    },
  ],
  ['replaceFileBy', (path) => replaceFileBy(path, async (at) => writeFileSync(at, CONTENT))],
  ['replaceFileByCopy', (path, source) => replaceFileByCopy(path, source)],
]

describe.each(['tmpfs', 'ext4'] as const)('a real %s', (kind) => {
  const disk = mount(kind, 1024)
  afterAll(() => disk?.remove())

  test.skipIf(disk === null).each(writers)('%s: the whole file or the old one, at 100 sizes', async (_, write) => {
    if (disk === null) return
    const path = join(disk.folder, 'model.onnx')
    const source = join(disk.folder, '..', `${kind}-${process.pid}.source`)
    writeFileSync(source, CONTENT)
    const counts = { whole: 0, refused: 0 }
    const messages = new Set<string>()
    try {
      for (let i = 0; i < SIZES; i++) {
        rmSync(path, { force: true })
        disk.leave(Infinity)
        writeFileSync(path, 'old')
        disk.leave(i * STEP + 4096)
        const error = await write(path, source).then(
          () => null,
          (reason: unknown) => reason as Error,
        )
        expect(readdirSync(disk.folder).filter((name) => name.startsWith('.'))).toEqual([])
        expect(readFileSync(path).equals(error === null ? CONTENT : Buffer.from('old'))).toBe(true)
        if (error !== null) messages.add(error.message.replaceAll(/\d+ free/g, 'n free'))
        counts[error === null ? 'whole' : 'refused'] += 1
      }
    } finally {
      rmSync(source)
    }
    const state = 'the old file is unchanged. Free space there, or write to another disk.'
    const reasons = ['could not be written: the disk is full (ENOSPC)', 'needs 240000 bytes, and its disk has n free']
    expect(reasons.map((reason) => `formats: ${path}: ${reason}; ${state}`)).toEqual(
      expect.arrayContaining([...messages]),
    )
    expect(counts.whole).toBeGreaterThan(0)
    expect(counts.refused).toBeGreaterThan(80)
  })
})
