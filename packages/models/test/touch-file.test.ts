import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome, RowValues } from '@breakwater/features'
import { nodeFileSystem } from '@breakwater/formats/node'
import type { GrowthEvent, GrowthState } from '@breakwater/models'
import {
  createTouchFile,
  readTouches,
  readTouchFile,
  type TouchFile,
  type TouchFileInput,
} from '@breakwater/models/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const BASE = { 'index of stage_a': 'abc', timeframe: '4min' }
const EMPTY: GrowthState = { waiting: [], known: [] }
const OUTCOME = { outcome: 'BREAK', numbers: { strength_signed: -0, t1: Number.NaN, t2: 1 / 3 } } as unknown as Outcome

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-touches-'))
  path = join(folder, 'touches.log')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const rowOf = (id: string, more: RowValues = {}): RowValues => ({
  event_id: id,
  ts_ns: 1_700_000_000_000_000_001n,
  ...more,
})
const confirmed = (id: string, more: RowValues = {}): GrowthEvent => ({ kind: 'confirmed', row: rowOf(id, more) })
const known = (id: string, knownNs = 5n): GrowthEvent => ({ kind: 'known', id, outcome: OUTCOME, knownNs })

/** A state that follows events by itself. */
function follow(): { readonly state: () => GrowthState; readonly add: (events: readonly GrowthEvent[]) => void } {
  const rows = new Map<string, RowValues>()
  const resolved: GrowthState['known'][number][] = []
  return {
    state: () => ({ waiting: [...rows.values()], known: [...resolved] }),
    add: (events) => {
      for (const event of events) {
        if (event.kind === 'confirmed') rows.set(String(event.row['event_id']), event.row)
        else {
          const row = rows.get(event.id)
          rows.delete(event.id)
          if (event.kind === 'known' && row !== undefined) {
            resolved.push({ row, outcome: event.outcome, knownNs: event.knownNs })
          }
        }
      }
    },
  }
}

interface Kept {
  readonly file: TouchFile
  readonly told: string[]
  readonly state: () => GrowthState
  /** Learns events, and waits until they are in the file or have failed. */
  readonly learn: (...events: readonly GrowthEvent[]) => Promise<void>
}

function keep(more: Partial<TouchFileInput> = {}): Kept {
  const { state, add } = follow()
  const told: string[] = []
  const file = createTouchFile({ path, base: BASE, canGrow: false, state, onTrouble: (m) => told.push(m), ...more })
  return {
    file,
    told,
    state,
    learn: async (...events) => {
      add(events)
      file.write(events)
      await file.settle()
    },
  }
}

const fail = (message: string): never => {
  throw new Error(message)
}
const textOf = (): Promise<string> => readTouchFile(path, fail)

describe('a file of touches', () => {
  test('holds what it was given, every number and word to the bit', async () => {
    const { learn, state } = keep()
    const odd = { minus: -0, none: Number.NaN, far: -Infinity, small: 5e-324, yes: true, word: 'a "ü"\n', absent: null }
    await learn(confirmed('one', odd), confirmed('two'), confirmed('three'))
    await learn(known('one', 2n ** 62n))
    await learn({ kind: 'lost', id: 'two' })
    const { state: read, fault, canGrow } = readTouches(await textOf(), BASE, path)
    expect([fault, canGrow]).toEqual([null, true])
    expect(read).toEqual(state())
    expect(read).toEqual({
      waiting: [rowOf('three')],
      known: [{ row: rowOf('one', odd), outcome: OUTCOME, knownNs: 2n ** 62n }],
    })
  })

  test('is gone on with by the next process, and written anew where events do not tell', async () => {
    await keep().learn(confirmed('one'), confirmed('two'))
    const { state: read, canGrow } = readTouches(await textOf(), BASE, path)
    const next = createTouchFile({ path, base: BASE, canGrow, state: () => read, onTrouble: fail })
    next.write([known('one')])
    await next.settle()
    const grown = readTouches(await textOf(), BASE, path)
    expect(grown.state).toEqual({
      waiting: [rowOf('two')],
      known: [{ row: rowOf('one'), outcome: OUTCOME, knownNs: 5n }],
    })
    next.write('all')
    await next.settle()
    expect(readTouches(await textOf(), BASE, path)).toEqual({ state: read, fault: null, canGrow: true })
  })

  test('cut short at any byte gives the whole lines before it, is told, and grows on', async () => {
    await keep().learn(confirmed('one'), confirmed('two'), known('one'), confirmed('three'))
    const text = await textOf()
    const lines = text.split('\n').slice(0, -1)
    for (let length = 0; length < text.length; length++) {
      const cut = text.slice(0, length)
      const whole = cut.split('\n').length - 1
      const { state, fault, canGrow } = readTouches(cut, BASE, path)
      expect(state).toEqual(
        readTouches(
          lines
            .slice(0, whole)
            .map((line) => `${line}\n`)
            .join(''),
          BASE,
          path,
        ).state,
      )
      expect(fault === null).toBe(cut === '' || cut.endsWith('\n'))
      expect(canGrow).toBe(whole > 0)
    }
    writeFileSync(path, text.slice(0, -20))
    const { fault } = readTouches(await textOf(), BASE, path)
    expect(fault).toBe(`models: ${path}: its last line was cut short: 2 touches before it are used.`)
    const { file } = keep({ canGrow: true })
    file.write([confirmed('four')])
    await file.settle()
    const { state, fault: after } = readTouches(await textOf(), BASE, path)
    expect(after).toBeNull()
    expect(state.waiting).toEqual([rowOf('two'), rowOf('four')])
  })

  test('with any byte damaged gives a part of what it held and is told, and a copy is kept when it is replaced', async () => {
    await keep().learn(confirmed('one'), confirmed('two'), known('one'))
    const text = await textOf()
    for (let i = 0; i < text.length; i++) {
      const bytes = Buffer.from(text)
      bytes[i] = (bytes[i] ?? 0) ^ 1
      const { state, fault, canGrow } = readTouches(bytes.toString('utf8'), BASE, path)
      // A line end that is none makes one line of two.
      expect([fault === null, canGrow && !fault?.includes('cut short')]).toEqual([false, false])
      expect(state.waiting.length + state.known.length).toBeLessThanOrEqual(2)
      expect(state.known.every(({ row, outcome }) => row['event_id'] === 'one' && outcome.outcome === 'BREAK')).toBe(
        true,
      )
    }
    const damaged = text.replace('two', 'tvo')
    writeFileSync(path, damaged)
    const { fault, canGrow } = readTouches(await textOf(), BASE, path)
    expect(fault).toContain('line 4 of 4 is damaged: 1 touch before it is used.')
    await keep({ canGrow }).learn(confirmed('three'))
    expect(readFileSync(`${path}.previous`, 'utf8')).toBe(damaged)
    expect(readTouches(await textOf(), BASE, path).state.waiting).toEqual([rowOf('three')])
  })

  test.each([
    [{ ...BASE, 'index of stage_a': 'def' }, 'is of another index of stage_a (abc, now def)'],
    [{ ...BASE, 'index of stage_b': 'def' }, 'is of another index of stage_b (none, now def)'],
    [{ timeframe: '4min' }, 'is of another index of stage_a (abc, now none)'],
    [{ ...BASE, timeframe: '8min' }, 'is of another timeframe (4min, now 8min)'],
  ])('of another base %j is not used, and kept beside the new one', async (base, reason) => {
    await keep().learn(confirmed('one'))
    const before = await textOf()
    const { state, fault, canGrow } = readTouches(before, base, path)
    expect(state).toEqual(EMPTY)
    expect(fault).toContain(reason)
    await keep({ base, canGrow }).learn(confirmed('two'))
    expect(readFileSync(`${path}.previous`, 'utf8')).toBe(before)
    expect(readTouches(await textOf(), base, path).state.waiting).toEqual([rowOf('two')])
  })

  test('that is something else, or from a later version, is not used', () => {
    for (const text of ['{}', 'hello\n', '00000000 {}\n', '\n\n', '\u0000\u0001']) {
      const { state, fault } = readTouches(text, BASE, 'f')
      expect([state, fault]).toEqual([EMPTY, expect.stringContaining('it does not begin as a file of touches')])
    }
  })

  test('is kept for other indexes from then on, with what is there, and for none not at all', async () => {
    const { file, learn, state } = keep()
    await learn(confirmed('one'))
    file.rebase({ timeframe: '8min' })
    await file.settle()
    expect(readTouches(await textOf(), { timeframe: '8min' }, path).state).toEqual(state())
    const before = await textOf()
    file.rebase(null)
    await learn(confirmed('two'))
    expect(await textOf()).toBe(before)
    file.rebase(BASE)
    await file.settle()
    expect(readTouches(await textOf(), BASE, path).state.waiting).toEqual([rowOf('one'), rowOf('two')])
  })

  test('does not grow without end: what was forgotten is left out when it is written anew', async () => {
    const { learn } = keep()
    const text = 'x'.repeat(2 ** 21)
    let largest = 0
    for (let i = 0; i < 20; i++) {
      await learn(confirmed(String(i), { text }), { kind: 'lost', id: String(i) })
      largest = Math.max(largest, statSync(path).size)
    }
    expect(largest).toBeGreaterThan(2 ** 24)
    expect(largest).toBeLessThan(2 ** 24 + 2 ** 22)
    expect(statSync(path).size).toBeLessThan(2 ** 24)
  })

  test('larger than it can be is not read, and is told', async () => {
    writeFileSync(path, Buffer.alloc(2 ** 26 + 1))
    const told: string[] = []
    expect(await readTouchFile(path, (message) => told.push(message))).toBe('')
    expect(told).toEqual([`models: ${path}: has 67108865 bytes, more than a file of touches may: it is not used.`])
    expect(await readTouchFile(folder, (message) => told.push(message))).toBe('')
    expect(told[1]).toContain('cannot be read: EISDIR')
  })
})

describe('a disk that is full', () => {
  test('is told once, and when there is room again the file has all that was learned', async () => {
    let isFull = false
    const files: TouchFileInput['files'] = {
      ...nodeFileSystem,
      open: async (...given) => {
        const opened = await nodeFileSystem.open(...given)
        const write = (bytes: Uint8Array): Promise<number> =>
          isFull ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : opened.write(bytes)
        return { ...opened, write }
      },
    }
    const { file, learn, told, state } = keep({ files })
    await learn(confirmed('one'))
    const before = await textOf()
    isFull = true
    await learn(confirmed('two'))
    await learn(known('one'))
    expect(told).toEqual([
      expect.stringMatching(/^models: touches are kept only in memory for now: .*the disk is full \(ENOSPC\)/),
    ])
    expect(file.counts).toMatchObject({ path, failures: 2, failure: expect.stringContaining('ENOSPC') as string })
    expect(await textOf()).toBe(before)
    isFull = false
    await learn(confirmed('three'))
    expect(file.counts).toMatchObject({ failures: 2, failure: null })
    expect(readTouches(await textOf(), BASE, path)).toEqual({ state: state(), fault: null, canGrow: true })
  })

  test('is left to another process that writes to it too, which is told once; touches are then kept in memory', async () => {
    const first = keep()
    await first.learn(confirmed('one'))
    const second = keep({ canGrow: true })
    await second.learn(confirmed('two'))
    const text = await textOf()
    await first.learn(known('one'))
    await first.learn(confirmed('three'))
    first.file.rebase({ ...BASE, timeframe: '8min' })
    await first.file.settle()
    expect(first.told).toEqual([
      `models: ${path}: another process has changed it: touches are kept only in memory from now on. ` +
        'Give each scorer a file of its own, and start this one again.',
    ])
    expect(first.file.counts).toMatchObject({
      failures: 1,
      failure: expect.stringMatching(/^another process/) as string,
    })
    expect(await textOf()).toBe(text)
    await second.learn(known('two'))
    expect(second.told).toEqual([])
    expect(readTouches(await textOf(), BASE, path).state.known).toHaveLength(1)
    // A new start reads what is there, and goes on.
    const third = keep({ canGrow: true })
    await third.learn(confirmed('four'))
    expect(third.told).toEqual([])
  })
})
