import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkFileSet,
  listVersions,
  publishedFiles,
  publishFileSet,
  replaceFile,
  selectVersion,
} from '@breakwater/formats/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scratch } from './disk.ts'

let folder = ''
let remove = (): void => undefined
beforeEach(() => {
  const place = scratch()
  folder = place.folder
  remove = place.remove
})
afterEach(() => remove())

const POINTER = 'set.json'
const publish = (texts: Readonly<Record<string, string>>, keep = 2) =>
  publishFileSet(folder, {
    pointer: POINTER,
    keep,
    describe: () => ({ run: Object.values(texts).join('+') }),
    write: async (staging) => {
      for (const [name, text] of Object.entries(texts)) await replaceFile(join(staging, name), text)
      return Object.keys(texts)
    },
  })
const read = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    [...(await publishedFiles(folder, POINTER))].map(([name, { path }]) => [name, readFileSync(path, 'utf8')]),
  )

test('a reader that begins with the pointer gets the files of one run, also while names beside it are those of another', async () => {
  const text = await publish({ 'a.txt': 'one', 'b.txt': 'two' })
  expect(readFileSync(join(folder, POINTER), 'utf8')).toBe(text)
  expect(JSON.parse(text)).toEqual({
    run: 'one+two',
    files: ['a.txt', 'b.txt'].map((name) => ({
      file: expect.stringMatching(new RegExp(`^versions/[0-9a-f]{16}/${name}$`)) as string,
      sha256: expect.stringMatching(/^[\da-f]{64}$/) as string,
    })),
  })
  expect(await read()).toEqual({ 'a.txt': 'one', 'b.txt': 'two' })
  await publish({ 'a.txt': 'three' })
  expect(await read()).toEqual({ 'a.txt': 'three' })
  // A file of an earlier run keeps its name.
  expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('two')
  replaceFileNow('a.txt', 'torn')
  expect(await read()).toEqual({ 'a.txt': 'three' })
})

const replaceFileNow = (name: string, text: string): void => {
  const path = join(folder, `${name}.new`)
  writeFileSync(path, text)
  // By rename, since the name is a second one of the version's file.
  renameSync(path, join(folder, name))
}

test('the same content has the same version; versions can be checked, gone back to and are pruned', async () => {
  await publish({ 'a.txt': 'one' })
  await publish({ 'a.txt': 'one' })
  expect(await listVersions(folder)).toHaveLength(1)
  await publish({ 'a.txt': 'two' })
  const [, old] = await listVersions(folder)
  if (old === undefined) throw new Error('no old version')
  await checkFileSet(old.folder, POINTER)
  await selectVersion(folder, old)
  expect(await read()).toEqual({ 'a.txt': 'one' })
  writeFileSync(join(old.folder, 'a.txt'), 'damaged')
  await expect(checkFileSet(old.folder, POINTER)).rejects.toThrow(/a\.txt: is not the file that set\.json lists/)
  await publish({ 'a.txt': 'three' })
  await publish({ 'a.txt': 'four' })
  expect(readdirSync(join(folder, 'versions'))).toHaveLength(2)
})

test('a folder without a pointer lists nothing, and a pointer of something else is refused', async () => {
  expect(await read()).toEqual({})
  for (const text of ['{', '{}', '{"files":[{"file":"../a","sha256":"00"}]}', '{"files":["a"]}']) {
    writeFileSync(join(folder, POINTER), text)
    await expect(read()).rejects.toThrow('set.json: does not list the files of a set. Write the set again.')
  }
})
