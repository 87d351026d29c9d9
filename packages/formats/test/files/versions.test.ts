import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { LISTED_FILE, pathInVersion } from '@breakwater/formats'
import {
  listedFile,
  listVersions,
  nodeFileSystem,
  pruneVersions,
  publishVersion,
  replaceFile,
  selectVersion,
  thisProcess,
} from '@breakwater/formats/node'
import type { FileSystem, Version } from '@breakwater/formats/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scratch, systemError, watched } from './disk.ts'

let folder = ''
let remove = (): void => undefined
beforeEach(() => {
  const place = scratch()
  folder = place.folder
  remove = place.remove
})
afterEach(() => remove())

const NAMES = ['a.bin', 'b.bin']
const textOf = (id: string): string => JSON.stringify(NAMES.map((name) => pathInVersion(id, name)))

/** Publishes a set whose files hold its id. */
function publish(
  id: string,
  { files, keep, pointer = 'set.json' }: Partial<Parameters<typeof publishVersion>[1]> = {},
): Promise<string> {
  const write = async (staging: string): Promise<{ id: string; files: string[]; pointer: string }> => {
    for (const name of NAMES) await replaceFile(join(staging, name), id, files === undefined ? {} : { files })
    return { id, files: NAMES, pointer: textOf(id) }
  }
  return publishVersion(folder, { pointer, write, keep, files })
}

/** What a reader that begins with the pointer sees. */
const seen = (pointer = 'set.json'): string[] =>
  (JSON.parse(readFileSync(join(folder, pointer), 'utf8')) as string[]).map((file) =>
    readFileSync(listedFile(folder, file), 'utf8'),
  )

const text = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** Makes the versions as old as their place in the list says. */
function date(...ids: readonly string[]): void {
  for (const [i, id] of ids.entries()) utimesSync(join(folder, 'versions', id, 'set.json'), 1000 + i, 1000 + i)
}
const idsOf = (versions: readonly Version[]): string[] =>
  versions.map(({ id, isCurrent }) => (isCurrent ? `${id}*` : id))

test('a published set is seen by its pointer and by its own names, which are the same files', async () => {
  expect(await publish('one')).toBe(join(folder, 'versions', 'one'))
  expect(seen()).toEqual(['one', 'one'])
  expect(NAMES.map(text)).toEqual(['one', 'one'])
  expect(statSync(join(folder, 'a.bin')).ino).toBe(statSync(join(folder, 'versions', 'one', 'a.bin')).ino)
  await publish('two')
  expect(seen()).toEqual(['two', 'two'])
  expect(NAMES.map(text)).toEqual(['two', 'two'])
  expect(text('versions/one/a.bin')).toBe('one')
  expect(idsOf(await listVersions(folder))).toEqual(expect.arrayContaining(['two*', 'one']))
})

test('the same content again is the same version, and mends a damaged one', async () => {
  await publish('one')
  const { ino } = statSync(join(folder, 'versions', 'one', 'a.bin'))
  await publish('one')
  expect(statSync(join(folder, 'versions', 'one', 'a.bin')).ino).toBe(ino)
  writeFileSync(join(folder, 'versions', 'one', 'a.bin'), 'damaged')
  expect(text('a.bin')).toBe('damaged')
  await publish('one')
  expect(seen()).toEqual(['one', 'one'])
  expect(text('a.bin')).toBe('one')
  expect(readdirSync(join(folder, 'versions'))).toEqual(['one'])
})

test('the newest three stay, the current one always, and other pointers are left alone', async () => {
  await publish('other', { pointer: 'other.json' })
  for (const id of ['v1', 'v2', 'v3']) await publish(id)
  date('v1', 'v2', 'v3')
  const [, , first] = (await listVersions(folder)).filter(({ pointer }) => pointer === 'set.json')
  expect(first?.id).toBe('v1')
  if (first !== undefined) await selectVersion(folder, first)
  expect(seen()).toEqual(['v1', 'v1'])
  expect(NAMES.map(text)).toEqual(['v1', 'v1'])
  expect(idsOf(await pruneVersions(folder, { keep: 2, pointers: ['set.json'] }))).toEqual(['v2'])
  await publish('v4', { keep: 2 })
  expect(readdirSync(join(folder, 'versions')).toSorted()).toEqual(['other', 'v3', 'v4'])
  await expect(pruneVersions(folder, { keep: 0 })).rejects.toThrow(
    'formats: keep=0: must be a whole number of at least 1. The current version always stays.',
  )
})

test('what a killed process left of a version goes with the next removal, though no version is old', async () => {
  await publish('one')
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const left = join(folder, 'versions', `.old.${thisProcess.host}-${dead}-0123456789ab.tmp`)
  mkdirSync(left)
  writeFileSync(join(left, 'a.bin'), 'half')
  expect(await pruneVersions(folder)).toEqual([])
  expect(readdirSync(join(folder, 'versions'))).toEqual(['one'])
})

test('a copy of the files without their versions is read by the names beside the pointer', async () => {
  await publish('one')
  const copy = join(folder, 'copy')
  mkdirSync(copy)
  for (const name of [...NAMES, 'set.json']) cpSync(join(folder, name), join(copy, name))
  expect(listedFile(copy, pathInVersion('one', 'a.bin'))).toBe(join(copy, 'a.bin'))
  rmSync(join(folder, 'versions'), { recursive: true })
  expect(seen()).toEqual(['one', 'one'])
  expect(await listVersions(folder)).toEqual([])
})

test.each([
  ['a.onnx', true],
  ['versions/0aF/a_b-c.onnx', true],
  ['../a.onnx', false],
  ['versions/../a.onnx', false],
  ['versions/a/b/c.onnx', false],
  ['/etc/passwd', false],
  ['.hidden', false],
  ['other/a/b.onnx', false],
])('a pointer may list %s: %s', (file, allowed) => {
  expect(LISTED_FILE.test(file)).toBe(allowed)
})

test('a file system without hard links gets copies', async () => {
  const files: FileSystem = { ...nodeFileSystem, link: () => Promise.reject(systemError('EPERM', 'link')) }
  await publish('one', { files })
  await publish('two', { files })
  expect(seen()).toEqual(['two', 'two'])
  expect(NAMES.map(text)).toEqual(['two', 'two'])
  expect(statSync(join(folder, 'a.bin')).nlink).toBe(1)
})

test('a link at the path of a file is refused before anything is published', async () => {
  await publish('one')
  rmSync(join(folder, 'b.bin'))
  writeFileSync(join(folder, 'target'), 'mine')
  symlinkSync('target', join(folder, 'b.bin'))
  await expect(publish('two')).rejects.toThrow(
    `formats: ${join(folder, 'b.bin')}: is a symbolic link, which is neither followed`,
  )
  expect(seen()).toEqual(['one', 'one'])
  expect(text('target')).toBe('mine')
  expect(readdirSync(join(folder, 'versions'))).toEqual(['one'])
})

test('whichever call fails, readers see one whole set, and the next one is published', async () => {
  await publish('one')
  let calls = 0
  await publish('two', { files: watched((_, number) => (calls = number)) })
  const sets = new Set<string>()
  for (let fails = 1; fails <= calls; fails++) {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    await publish('one')
    const files = watched((call, number) => {
      if (number === fails) throw systemError('ENOSPC', call)
    })
    const isPublished = await publish('two', { files }).then(
      () => true,
      () => false,
    )
    const [first = '', second] = seen()
    expect(second).toBe(first)
    sets.add(first)
    expect(first).toMatch(isPublished ? /^two$/ : /^(?:one|two)$/)
    await publish('three')
    expect(seen()).toEqual(['three', 'three'])
    expect(NAMES.map(text)).toEqual(['three', 'three'])
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  }
  expect(sets).toEqual(new Set(['one', 'two']))
})

async function writePart(staging: string): Promise<{ id: string; files: string[]; pointer: string }> {
  await replaceFile(join(staging, 'part.json'), '{"is":"a part"}')
  return { id: 'one', files: ['part.json'], pointer: JSON.stringify([pathInVersion('one', 'part.json')]) }
}

test('a JSON that the pointer lists is a file of the set, and no pointer', async () => {
  await publishVersion(folder, { pointer: 'set.json', write: writePart })
  expect((await listVersions(folder)).map(({ pointer }) => pointer)).toEqual(['set.json'])
  expect(text('part.json')).toBe('{"is":"a part"}')
})
