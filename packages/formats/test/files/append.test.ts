import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { appendLine, createAppender } from '@breakwater/formats/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contentOf, scratch, smallDisk, systemError, watched } from './disk.ts'

let folder = ''
let path = ''
let remove = (): void => undefined
beforeEach(() => {
  ;({ folder, remove } = scratch())
  path = join(folder, 'journal')
})
afterEach(() => remove())

const LINE = JSON.stringify({ kind: 'batch', metrics: 'x'.repeat(200) })

test('lines follow one another, in a file that is made where there is none', async () => {
  for (const line of ['one', '', 'three']) await appendLine(path, line)
  expect(readFileSync(path, 'utf8')).toBe('one\n\nthree\n')
})

test.each([1, 10, 70_000, 200_000])('a line of %d characters that was cut off is removed first', async (length) => {
  writeFileSync(path, `one\n${'t'.repeat(length)}`)
  await appendLine(path, 'two', { durable: false })
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
  writeFileSync(path, 't'.repeat(length))
  await appendLine(path, 'two', { durable: false })
  expect(readFileSync(path, 'utf8')).toBe('two\n')
})

test('a line for which there is no room is not there at all, whatever room there is', async () => {
  for (let room = 0; room < 100; room++) {
    writeFileSync(path, 'one\n')
    await expect(appendLine(path, LINE, { files: smallDisk(room), durable: false })).rejects.toThrow(
      `formats: ${path}: could not be appended to: the disk is full (ENOSPC); the records before it are unchanged. Free space there`,
    )
    expect(readFileSync(path, 'utf8')).toBe('one\n')
  }
})

test('a fault of any call leaves whole lines, and the next append is read as a line of its own', async () => {
  const calls: string[] = []
  writeFileSync(path, 'one\n')
  await appendLine(path, LINE, { files: watched((call) => void calls.push(call)) })
  expect(calls).toEqual(['open', 'size', 'read', 'write', 'sync', 'close'])
  for (const i of calls.keys()) {
    writeFileSync(path, 'one\n')
    const dead = watched((call, number) => {
      if (number > i) throw systemError('EIO', call)
    })
    await expect(appendLine(path, LINE, { files: dead })).rejects.toThrow(
      `formats: ${path}: could not be appended to: the disk reported a fault (EIO); the `,
    )
    await appendLine(path, 'last')
    const lines = readFileSync(path, 'utf8').split('\n')
    expect([
      ['one', 'last', ''],
      ['one', LINE, 'last', ''],
    ]).toContainEqual(lines)
  }
})

test('a link is not followed, and a text of two lines is refused', async () => {
  writeFileSync(path, 'one\n')
  symlinkSync(path, join(folder, 'link'))
  await expect(appendLine(join(folder, 'link'), 'two')).rejects.toThrow(
    `formats: ${join(folder, 'link')}: could not be appended to: it is a symbolic link (ELOOP)`,
  )
  await expect(appendLine(path, 'two\nthree')).rejects.toThrow(
    'formats: line="two\\nthree": must be one line. Split it.',
  )
  expect(readFileSync(path, 'utf8')).toBe('one\n')
})

test('records of bytes follow a header, whole or not at all, and go on where there is room again', async () => {
  const log = await createAppender(path, Uint8Array.of(0x3a), { files: smallDisk(6) })
  await log.append(Uint8Array.of(1, 2, 3))
  await expect(log.append(Uint8Array.of(4, 5, 6))).rejects.toThrow(
    'could not be appended to: the disk is full (ENOSPC); the records before it are unchanged.',
  )
  await log.close()
  expect([...readFileSync(path)]).toEqual([0x3a, 1, 2, 3])
  await expect(createAppender(path, Uint8Array.of(1))).rejects.toThrow(
    `formats: ${path}: could not be written: something else is there (EEXIST); nothing was changed. Choose another path, or remove what is there.`,
  )
})

test('a header for which there is no room leaves no file', async () => {
  await expect(createAppender(path, Uint8Array.of(1, 2), { files: smallDisk(1) })).rejects.toThrow('the disk is full')
  expect(contentOf(folder)).toEqual({})
})

test('what others append stays', async () => {
  await appendLine(path, 'one')
  appendFileSync(path, 'theirs\n')
  await appendLine(path, 'two')
  expect(readFileSync(path, 'utf8')).toBe('one\ntheirs\ntwo\n')
})
