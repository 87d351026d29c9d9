import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programVersion } from '@breakwater/jobs'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-version-'))
  mkdirSync(join(folder, 'deep'))
  writeFileSync(join(folder, 'index.ts'), 'export const one = 1\n')
  writeFileSync(join(folder, 'deep', 'part.ts'), 'export const two = 2\n')
  writeFileSync(join(folder, 'notes.md'), 'a note\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

const version = (): string =>
  programVersion({ release: '1.2.3', modules: [pathToFileURL(join(folder, 'index.ts')).href] })

test('names the release, a digest of the code, and the platform', () => {
  const { platform, arch, versions } = process
  expect(version()).toMatch(/^1\.2\.3\+[0-9a-f]{12} /)
  expect(version().split(' ').slice(1)).toEqual([platform, arch, `v8-${versions.v8}`])
})

test('an edit, another file or another name of code is another version; a note is not', () => {
  const seen = new Set([version()])
  const changed = (path: string, text: string): number => {
    writeFileSync(join(folder, path), text)
    return seen.add(version()).size
  }
  expect(changed('notes.md', 'another note\n')).toBe(1)
  expect(changed('deep/part.ts', 'export const two = 3\n')).toBe(2)
  expect(changed('deep/kernel.wasm', 'bytes')).toBe(3)
})
