import fs, { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '@breakwater/formats/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import writeFileAtomic from 'write-file-atomic'
import { scratch } from './disk.ts'
import { mount } from './mounted.ts'

const CONTENT = Buffer.alloc(150_000, 'figures ')

afterEach(() => vi.restoreAllMocks())

describe('write-file-atomic 7.0.0', () => {
  test('reports success where the system took a part, and a cut-off file has replaced the good one', async () => {
    const { folder, remove } = scratch()
    try {
      const path = join(folder, 'model.onnx')
      writeFileSync(path, 'the old content')
      const write = fs.write as unknown as (...given: unknown[]) => void
      vi.spyOn(fs, 'write').mockImplementation(((
        fd: number,
        bytes: Buffer,
        at: number,
        _: number,
        ...rest: unknown[]
      ) => write(fd, bytes, at, 77_824, ...rest)) as unknown as typeof fs.write)
      await writeFileAtomic(path, CONTENT)
      expect(readFileSync(path).length).toBe(77_824)
    } finally {
      remove()
    }
  })

  const disk = mount('tmpfs', 80)
  test.skipIf(disk === null)('does so on a full disk of 80 KiB, where replaceFile keeps the old file', async () => {
    if (disk === null) return
    try {
      const path = join(disk.folder, 'model.onnx')
      writeFileSync(path, 'the old content')
      await expect(replaceFile(path, CONTENT)).rejects.toThrow('needs 150000 bytes, and its disk has 77824 free')
      expect(readFileSync(path, 'utf8')).toBe('the old content')
      await writeFileAtomic(path, CONTENT)
      expect(readFileSync(path).length).toBe(77_824)
      rmSync(path)
    } finally {
      disk.remove()
    }
  })
})
