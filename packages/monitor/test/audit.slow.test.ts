import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileSystem, nodeFileSystem } from '@breakwater/formats/node'
import {
  type AuditLog,
  type AuditOptions,
  type AuditRecord,
  listAudit,
  openAuditLog,
  readAudit,
} from '@breakwater/monitor/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openOf } from './market.ts'

const OPEN = openOf('2024-07-02')
const ms = (value: number): bigint => OPEN + BigInt(value) * 1_000_000n
let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'breakwater-audit-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const tick = (at: number, text = String(at)): Omit<AuditRecord, 'run' | 'sequence'> => {
  const [input, output] = [`{"ts":${at}}`, `{"p":${text}}`]
  return { kind: 'tick', tsNs: ms(at), input, output, rows: '', models: 'a b', code: '1', latencyMs: 0.25 }
}
const opened = (run: string, more: Partial<AuditOptions> = {}): Promise<AuditLog> =>
  openAuditLog({ folder, run, intervalMs: 1000, ...more })
async function listOf(records: AsyncIterable<AuditRecord>): Promise<AuditRecord[]> {
  const list: AuditRecord[] = []
  for await (const record of records) list.push(record)
  return list
}
const all = (): Promise<AuditRecord[]> => listOf(readAudit(folder))

describe('a log', () => {
  test('gives back every record in order, in one file an hour once the hour is over', async () => {
    const log = await opened('one')
    // 09:59:58 to 10:00:04 in New York.
    for (let at = 0; at < 24; at++) log.record(tick(1_798_000 + at * 250))
    await log.close()
    const records = await all()
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 25 }, (_, i) => i))
    expect(records[3]).toEqual({ ...tick(1_798_750), run: 'one', sequence: 3 })
    expect(records.at(-1)?.kind).toBe('end')
    expect((await listAudit(folder)).map(({ hour, first, last }) => [hour, first, last])).toEqual([
      [13, 0, 7],
      [14, 8, 24],
    ])
    expect(log.counts).toMatchObject({ taken: 25, written: 25, lost: 0, failures: 0, crashes: 0 })
    expect(readdirSync(folder)).toEqual(['2024-07-02'])
  })

  test('keeps within its bounds by removing the oldest files', async () => {
    const log = await opened('old')
    log.record(tick(0))
    await log.close()
    const next = await opened('new', { maxBytes: 1 })
    next.record(tick(7_200_000))
    await next.close()
    expect(next.counts.removed).toBe(1)
    expect((await listAudit(folder)).map(({ run }) => run)).toEqual(['new'])
  })

  test('goes on where the disk is full: records wait, are written when there is room, and else are counted as lost', async () => {
    let isFull = true
    const failing: FileSystem = {
      ...nodeFileSystem,
      open: (path, mode, permissions) =>
        isFull && path.includes('parquet')
          ? Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
          : nodeFileSystem.open(path, mode, permissions),
    }
    const log = await opened('full', { files: failing, maxWaiting: 400 })
    for (let at = 0; at < 40; at++) log.record(tick(at * 250))
    await log.flush()
    expect(log.counts.failures).toBeGreaterThan(0)
    expect(log.counts.failure).toContain('the disk is full (ENOSPC)')
    expect(log.counts.written).toBe(0)
    const { lost } = log.counts
    expect(lost).toBeGreaterThan(0)
    isFull = false
    await log.close()
    expect(log.counts).toMatchObject({ taken: 41, written: 41 - lost, lost, failure: null })
    expect(await all()).toHaveLength(41 - lost)
  })

  test('of another date is refused by name', async () => {
    const log = await opened('one')
    log.record(tick(0))
    await log.close()
    await expect(listOf(readAudit(folder, { dates: ['2024-07-03'] }))).rejects.toThrow(
      'no audit log of 2024-07-03. It has 2024-07-02.',
    )
  })
})

/** Takes a record each millisecond of real time, of a quarter of a second each, and prints how many it has taken. */
const WRITER = `
  import { nodeFileSystem } from '@breakwater/formats/node'
  import { openAuditLog } from '@breakwater/monitor/node'
  const [folder, run, open, disk] = process.argv.slice(1)
  // A disk that takes no record: it says so when the count of those taken has reached the disk, and hangs.
  const stuck = {
    ...nodeFileSystem,
    open: async (path, ...rest) => {
      if (!path.includes('parquet')) return nodeFileSystem.open(path, ...rest)
      while (((await nodeFileSystem.status(folder + '/' + run + '.taken'))?.size ?? 0) === 0);
      process.stdout.write('stuck 1\\n')
      return new Promise(() => undefined)
    },
  }
  const log = await openAuditLog({ folder, run, intervalMs: 5000, ...(disk === 'stuck' ? { files: stuck } : {}) })
  process.stdout.write('crashes ' + log.counts.crashes + ' ' + log.counts.lostByCrash + '\\n')
  let at = 0
  setInterval(() => {
    for (let i = 0; i < 4; i++) {
      const tsNs = BigInt(open) + BigInt(at) * 250000000n
      log.record({ kind: 'tick', tsNs, input: String(at), output: 'x'.repeat(2000), rows: '', models: '', code: '', latencyMs: 0 })
      at += 1
    }
    process.stdout.write('taken ' + at + '\\n')
  }, 4)
`
const KILLS = process.env['BREAKWATER_ATTACK'] === '1' ? 100 : 6
const INTERVAL_RECORDS = 20

interface Killed {
  readonly taken: number
  readonly crashes: number
  readonly lostByCrash: number
}

/** Runs a writer and kills it when it has taken `after` records, or as it starts; without a number when its disk is stuck. */
async function killWriter(run: string, after?: number): Promise<Killed> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@breakwater/source',
      '--input-type=module',
      '-e',
      WRITER,
      folder,
      run,
      String(OPEN),
      after === undefined ? 'stuck' : '',
    ],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const seen = { taken: 0, crashes: 0, lostByCrash: 0 }
  let text = ''
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const [word, first, second] = line.split(' ')
      if (word === 'crashes') Object.assign(seen, { crashes: Number(first), lostByCrash: Number(second) })
      else if (word === 'taken') seen.taken = Number(first)
      if (after === undefined ? word === 'stuck' : seen.taken >= after) child.kill('SIGKILL')
    }
  })
  await new Promise((resolve) => child.on('close', resolve))
  return seen
}

/** How many records a run that was killed has taken, by what it left to count by. */
const journalled = (run: string): number => statSync(join(folder, `${run}.taken`)).size

test(
  'a kill while the disk takes no record loses what was taken, and the next run counts it',
  { timeout: 600_000 },
  async () => {
    const { crashes } = await killWriter('stuck')
    expect(crashes).toBe(0)
    const taken = journalled('stuck')
    const next = await opened('next')
    expect(taken).toBeGreaterThan(0)
    expect(next.counts).toMatchObject({ crashes: 1, lostByCrash: taken })
    await next.close()
    expect(readdirSync(folder).filter((name) => name.endsWith('.taken'))).toEqual([])
  },
)

test(
  `${KILLS} kills while it writes lose at most the last intervals, count what they lose, and leave nothing twice`,
  { timeout: 600_000 },
  async () => {
    let [lost, crashes, expected] = [0, 0, 0]
    for (let i = 0; i < KILLS; i++) {
      const killed = await killWriter(`run-${i}`, 1 + ((i * 197) % 600))
      crashes += killed.crashes
      lost += killed.lostByCrash
      const own = await listOf(readAudit(folder, { run: `run-${i}` })).catch(() => [])
      expect(own.map(({ sequence }) => sequence)).toEqual(Array.from({ length: own.length }, (_, k) => k))
      expected += Math.max(0, journalled(`run-${i}`) - own.length)
      // One interval that is gathered, and those that are being written.
      expect(killed.taken - own.length).toBeLessThan(INTERVAL_RECORDS * 20)
    }
    const last = await opened('last')
    crashes += last.counts.crashes
    lost += last.counts.lostByCrash
    await last.close()
    expect(crashes).toBe(KILLS)
    expect(lost).toBe(expected)
  },
)
