import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LockError, nodeFileSystem, thisProcess, withFolderLock } from '@breakwater/formats/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scratch, systemError } from './disk.ts'

const LOCK = '.breakwater.lock'
const START = Date.UTC(2026, 0, 5, 9, 30)
/** Of a process that has ended. */
const dead = (): number => spawnSync(process.execPath, ['--version']).pid

let folder = ''
let remove = (): void => undefined
beforeEach(() => {
  const place = scratch()
  folder = place.folder
  remove = place.remove
})
afterEach(() => remove())

const options = (command: string, minutes = 0) => ({ command, clock: () => START + minutes * 60_000 })
const put = (owner: object): void => writeFileSync(join(folder, LOCK), JSON.stringify(owner))
const ownedBy = (pid: number, host = thisProcess.host): object => ({
  pid,
  host,
  command: 'trainer train',
  since: START,
  id: 'abc',
})

test('a second writer is told who holds the folder, since when and what to do, and the first one goes on', async () => {
  const result = await withFolderLock(folder, options('trainer train'), async () => {
    const second = withFolderLock(folder, options('trainer import', 7), () => Promise.resolve('in'))
    await expect(second).rejects.toThrow(
      new LockError(
        `formats: ${folder}: is being written by \`trainer train\` (process ${process.pid}) since 2026-01-05T09:30:00.000Z, 7 minutes. ` +
          'Wait until it ends, or write to another folder; if that process is none of ours, delete .breakwater.lock there.',
      ),
    )
    expect(JSON.parse(readFileSync(join(folder, LOCK), 'utf8'))).toMatchObject({ pid: process.pid, since: START })
    return 'done'
  })
  expect(result).toBe('done')
  expect(readdirSync(folder)).toEqual([])
  expect(await withFolderLock(folder, options('trainer import'), () => Promise.resolve('in'))).toBe('in')
})

test('the lock is given back when the work fails, and the folder is made where there is none', async () => {
  const inner = join(folder, 'a', 'b')
  const failing = withFolderLock(inner, options('trainer train'), () => Promise.reject(new Error('no')))
  await expect(failing).rejects.toThrow('no')
  expect(readdirSync(inner)).toEqual([])
})

describe('a lock that was left', () => {
  test('by a process of this host that has ended is taken over', async () => {
    put(ownedBy(dead()))
    await withFolderLock(folder, options('trainer index'), async () => {
      expect(readdirSync(folder)).toEqual([LOCK])
      expect(readFileSync(join(folder, LOCK), 'utf8')).toContain('trainer index')
      await Promise.resolve()
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('is taken over where the process that was taking it over has ended too', async () => {
    put(ownedBy(dead()))
    writeFileSync(join(folder, `${LOCK}.abc`), JSON.stringify({ ...ownedBy(dead()), id: 'def' }))
    writeFileSync(join(folder, `${LOCK}.older`), JSON.stringify(ownedBy(dead())))
    writeFileSync(join(folder, `.${LOCK}.${thisProcess.host}-${dead()}-a1.tmp`), '')
    expect(await withFolderLock(folder, options('trainer index'), () => Promise.resolve('in'))).toBe('in')
    expect(readdirSync(folder)).toEqual([])
  })

  test('by a process whose number another one has got is taken over', async () => {
    const start = thisProcess.startOf(process.pid)
    expect(start).not.toBeNull()
    expect(thisProcess.startOf(dead())).toBeNull()
    put({ ...ownedBy(process.pid), start: `${start}0` })
    expect(await withFolderLock(folder, options('trainer index'), () => Promise.resolve('in'))).toBe('in')
    put({ ...ownedBy(process.pid), start })
    await expect(withFolderLock(folder, options('trainer index'), () => Promise.resolve('in'))).rejects.toThrow(
      LockError,
    )
  })

  test('where the system tells no start, is taken over if it is older than the start of the machine', async () => {
    const writer = { ...thisProcess, startOf: () => null, bootedAt: () => START + 3_600_000 }
    put(ownedBy(process.pid))
    expect(await withFolderLock(folder, { ...options('trainer index'), writer }, () => Promise.resolve('in'))).toBe(
      'in',
    )
    put({ ...ownedBy(process.pid), since: START + 3_600_000 })
    await expect(
      withFolderLock(folder, { ...options('trainer index'), writer }, () => Promise.resolve('in')),
    ).rejects.toThrow(LockError)
  })

  test('by another host is not taken over', async () => {
    put(ownedBy(dead(), 'elsewhere'))
    await expect(withFolderLock(folder, options('trainer index', 600), () => Promise.resolve())).rejects.toThrow(
      /of another host\) since 2026-01-05T09:30:00\.000Z, 10 hours\. .*; if it has ended, delete \.breakwater\.lock there\.$/,
    )
  })

  test.each(['', '{', '[]', 'null', '{"pid":1}'])('and says %s is left alone', async (text) => {
    writeFileSync(join(folder, LOCK), text)
    await expect(withFolderLock(folder, options('trainer index'), () => Promise.resolve())).rejects.toThrow(
      `formats: ${folder}: its lock .breakwater.lock cannot be read, so it is not known who is writing there. Delete it if nobody is.`,
    )
    expect(readFileSync(join(folder, LOCK), 'utf8')).toBe(text)
  })
})

test('of many at once over a dead lock one comes in at a time', async () => {
  put(ownedBy(dead()))
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    inside += 1
    most = Math.max(most, inside)
    await nodeFileSystem.list(folder)
    inside -= 1
  }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, () => withFolderLock(folder, options('trainer train'), work)),
  )
  expect(most).toBe(1)
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  expect(reasons.filter((reason) => !(reason instanceof LockError))).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

test('a file system without hard links locks all the same', async () => {
  const files = { ...nodeFileSystem, link: () => Promise.reject(systemError('EPERM', 'link')) }
  await withFolderLock(folder, { ...options('trainer train'), files }, async () => {
    const second = withFolderLock(folder, { ...options('trainer train'), files }, () => Promise.resolve())
    await expect(second).rejects.toThrow(LockError)
  })
  expect(readdirSync(folder)).toEqual([])
})

const HOLDER = `
  import { withFolderLock } from '@breakwater/formats/node'
  await withFolderLock(process.argv[1], { command: 'holder' }, () => {
    process.stdout.write('held')
    return new Promise(() => setInterval(() => undefined, 1000))
  })
`

test('the lock of another process that runs is respected, and after it is killed it is taken over', async () => {
  const source = ['--conditions=@breakwater/source', '--input-type=module', '-e', HOLDER, folder]
  const child = spawn(process.execPath, source, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const enter = (): Promise<string> => withFolderLock(folder, { command: 'second' }, () => Promise.resolve('in'))
  await expect(enter()).rejects.toThrow(`is being written by \`holder\` (process ${child.pid})`)
  child.kill('SIGKILL')
  await once(child, 'close')
  expect(await enter()).toBe('in')
})
