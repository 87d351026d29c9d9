import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashFile, hashOpenFile, nodeFileSystem } from '@breakwater/formats/node'
import { expect, test } from 'vitest'
import { scratch } from './disk.ts'

/** As Web Crypto counts it, of the whole file at once. */
const judged = async (path: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', readFileSync(path))).toString('hex')

test.each([0, 1, 2 ** 20 - 1, 2 ** 20, 2_500_000])(
  '%i bytes have the SHA-256 of Web Crypto, by path and when open',
  async (size) => {
    const { folder, remove } = scratch()
    try {
      const path = join(folder, 'file')
      writeFileSync(
        path,
        Uint8Array.from({ length: size }, (_, i) => (i * 7919) % 251),
      )
      expect(await hashFile(path)).toBe(await judged(path))
      const file = await nodeFileSystem.open(path, 'update')
      expect(await hashOpenFile(file)).toBe(await judged(path))
      await file.close()
    } finally {
      remove()
    }
  },
)

test('a file that ends while it is read is an error, not a hash', async () => {
  const file = { size: () => Promise.resolve(9), read: () => Promise.resolve(new Uint8Array()) }
  await expect(hashOpenFile(file)).rejects.toThrow('the file ended at byte 0 of 9 while it was read')
})
