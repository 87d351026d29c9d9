import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { scratch, smallDisk, systemError, watched } from './disk.ts'
import type { Watch } from './disk.ts'
import { contentWritten, FORMS } from './forms.ts'
import type { Form } from './forms.ts'

const { folder: top, remove } = scratch()
afterAll(remove)
const folder = join(top, 'results')
const path = join(folder, 'set.json')
const OLD = 'the old content'

const REASONS = {
  ENOSPC: 'the disk is full (ENOSPC)',
  EDQUOT: "this user's disk quota is used up (EDQUOT)",
  EIO: 'the disk reported a fault (EIO)',
  EACCES: 'this user may not write there (EACCES)',
  EROFS: 'the file system can only be read (EROFS)',
}

const FULL = `formats: ${path}: could not be written: ${REASONS.ENOSPC}; the old file is unchanged. Free space there, or write to another disk.`

/** The outcome of one write over an old file. */
interface Outcome {
  readonly error: Error | null
  readonly content: string
  readonly others: readonly string[]
}

async function outcome(write: () => Promise<void>): Promise<Outcome> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  writeFileSync(path, OLD)
  const error = await write().then(
    () => null,
    (reason: unknown) => reason as Error,
  )
  const others = readdirSync(folder).filter((name) => name !== 'set.json')
  return { error, content: readFileSync(path, 'latin1'), others }
}

async function callsOf(form: Form): Promise<string[]> {
  const calls: string[] = []
  await outcome(() =>
    form.write(
      path,
      watched((call) => void calls.push(call)),
    ),
  )
  return calls
}

describe.each(FORMS)('$name', (form) => {
  test('a fault of any call leaves the old file, names the new one and the reason, and leaves nothing else', async () => {
    const whole = await contentWritten(form, path)
    const calls = await callsOf(form)
    expect(calls).toEqual(
      expect.arrayContaining(['makeFolder', 'status', 'list', 'size', 'sync', 'rename', 'syncFolder']),
    )
    const renamed = calls.indexOf('rename') + 1
    for (const [i, call] of calls.entries()) {
      for (const [code, reason] of Object.entries(REASONS)) {
        const fault: Watch = (_, number) => {
          if (number === i + 1) throw systemError(code, call)
        }
        const { error, content, others } = await outcome(() => form.write(path, watched(fault)))
        expect(others, `${call} ${code}`).toEqual([])
        if (call === 'list' || call === 'freeBytes') continue
        expect(error?.message, `${call} ${code}`).toContain(`formats: ${path}: could not be `)
        expect(error?.message).toContain(reason)
        expect(error?.cause).toMatchObject({ code })
        expect(content === (i + 1 > renamed ? whole : OLD), `${call} ${code}`).toBe(true)
      }
    }
  })

  test('a disk that fails for good leaves the old file, whenever it does', async () => {
    const whole = await contentWritten(form, path)
    const calls = await callsOf(form)
    const renamed = calls.indexOf('rename') + 1
    for (const [i, call] of calls.entries()) {
      const dead: Watch = (_, number) => {
        if (number > i) throw systemError('EIO', call)
      }
      const { error, content, others } = await outcome(() => form.write(path, watched(dead)))
      const left = others.map((name) => `its temporary file ${join(folder, name)} could not be removed`)
      for (const part of [REASONS.EIO, ...left]) expect(error?.message).toContain(part)
      expect(content === (i + 1 > renamed ? whole : OLD)).toBe(true)
    }
  })

  test.skipIf(form.name === 'a copy')('a disk with room for a part holds the old file, at 100 sizes', async () => {
    const whole = await contentWritten(form, path)
    let failures = 0
    for (let i = 0; i < 100; i++) {
      const room = Math.floor((whole.length * i) / 98)
      const { error, content, others } = await outcome(() => form.write(path, smallDisk(room)))
      expect(others).toEqual([])
      expect(content === (room < whole.length ? OLD : whole), `${room} bytes`).toBe(true)
      expect(error?.message ?? '').toBe(room < whole.length ? FULL : '')
      failures += error === null ? 0 : 1
    }
    expect(failures).toBe(98)
  })

  test('short counts lose nothing', async () => {
    const whole = await contentWritten(form, path)
    for (const pieces of [101, 4096]) {
      const { error, content } = await outcome(() => form.write(path, smallDisk(Infinity, pieces)))
      expect(error).toBeNull()
      expect(content === whole, `${pieces} bytes at a time`).toBe(true)
    }
  })
})

test.each([0, -1, NaN, 1e9])('a disk that says it took %d bytes is not believed', async (taken) => {
  const files = watched(() => undefined, { write: () => Promise.resolve(taken) })
  const [text] = FORMS
  const { error, content, others } = await outcome(async () => text?.write(path, files))
  expect(error?.message).toBe(
    `formats: ${path}: could not be written: the system took ${taken} of 18000 bytes and reported no fault; the old file is unchanged. See the cause.`,
  )
  expect([content, others]).toEqual([OLD, []])
})

test.each(FORMS.slice(0, 3))('bytes that are counted as written and are not there are missed: $name', async (form) => {
  const files = watched(() => undefined, { size: () => Promise.resolve(11) })
  const { error, content, others } = await outcome(() => form.write(path, files))
  expect(error?.message).toMatch(
    /: could not be written: the file has 11 of the \d+ bytes that were written; the old file/,
  )
  expect([content, others]).toEqual([OLD, []])
})
