import { newYorkCalendar } from '@breakwater/features'
import { type FileSystem, nodeFileSystem } from '@breakwater/formats/node'
import { auditPath, expiredFiles, listAudit, recordsIn, type AuditFile, type Retention } from './files.ts'
import { journalOf, journalsIn } from './journal.ts'
import { auditTable, recordsOf, type AuditRecord } from './record.ts'

/** Loaded by what writes or reads a log: its engine is a native add-on, and a process that keeps no log does without it. */
const parquet = (): Promise<typeof import('@breakwater/features/parquet')> => import('@breakwater/features/parquet')

/** Options of {@link openAuditLog}. */
export interface AuditOptions extends Partial<Retention> {
  readonly folder: string
  /** Names this run of the process: letters, digits and hyphens; new in this folder. */
  readonly run: string
  /** Milliseconds of records that are written together: the most that a crash loses. Default 10,000. */
  readonly intervalMs?: number
  /** Characters of records that wait while the disk takes none; more are lost, and counted. Default 64 million. */
  readonly maxWaiting?: number
  readonly files?: FileSystem
}

/** What a log has done. */
export interface AuditCounts {
  /** Records given to it, and those on the disk. */
  taken: number
  written: number
  /** Records that the disk did not take and that there was no room to keep. */
  lost: number
  /** Attempts to write that failed, and why the last one did; null after one that worked. */
  failures: number
  failure: string | null
  /** Files removed by age or size, and bytes of those that stay. */
  removed: number
  bytes: number
  /** Runs before this one that did not end in order, and the records that they lost. */
  crashes: number
  lostByCrash: number
}

/** An append-only log. */
export interface AuditLog {
  readonly counts: Readonly<AuditCounts>
  /** Takes a record and returns at once. */
  record(record: Omit<AuditRecord, 'run' | 'sequence'>): void
  /** Writes what waits; never throws: what cannot be written waits, or is lost and counted. */
  flush(): Promise<void>
  /** Writes what waits and the end of the run; what the disk does not take then is lost, and counted. */
  readonly close: () => Promise<void>
}

const HOUR_NS = 3_600_000_000_000n
const NS_PER_MS = 1_000_000n
const GIB = 2 ** 30

/**
 * Opens a log. Records of `intervalMs` of their own time go to a Parquet file that is written whole; when an hour is over, its files
 * become one. A crash loses what had not been written: at most the last interval. How many records that were is known at the next
 * start from a file that grows by a byte a record and is removed at an end in good order.
 */
export async function openAuditLog(options: AuditOptions): Promise<AuditLog> {
  const { folder, run, intervalMs = 10_000, maxWaiting = 64_000_000, files = nodeFileSystem } = options
  const retention: Retention = { maxBytes: options.maxBytes ?? 20 * GIB, maxDays: options.maxDays ?? 30 }
  const placeOf = places()
  const counts = noCounts()
  await files.makeFolder(folder)
  await countCrashes(folder, files, counts)
  const journal = await journalOf(folder, run, files)
  let waiting: AuditRecord[] = []
  let [size, sequence, since, lastNs] = [0, 0, 0n, 0n]
  const at: { hour: Hour | null } = { hour: null }
  let running: Promise<void> = Promise.resolve()

  const fail = (error: unknown): void => {
    counts.failures += 1
    counts.failure = error instanceof Error ? error.message : String(error)
  }
  /** Puts records that could not be written before those that have come meanwhile, as far as there is room. */
  const putBack = (records: readonly AuditRecord[]): void => {
    const characters = records.reduce((sum, record) => sum + sizeOf(record), 0)
    if (size + characters > maxWaiting) {
      counts.lost += records.length
      return
    }
    waiting = [...records, ...waiting]
    size += characters
  }
  const write = async (): Promise<void> => {
    const records = waiting
    waiting = []
    size = 0
    for (const [hour, part] of byHour(records, placeOf)) {
      try {
        if (at.hour !== null && at.hour !== hour) {
          counts.removed += await tidy(folder, { ...at.hour, run }, retention, files)
        }
        at.hour = hour
        const range = { first: part[0]?.sequence ?? 0, last: part.at(-1)?.sequence ?? 0 }
        // By batches: texts that do not repeat make no dictionary.
        const { writeBatches } = await parquet()
        await writeBatches(auditPath(folder, { ...hour, run, ...range }), [auditTable(part)].values(), { files })
        counts.written += part.length
        counts.failure = null
        await journal.settle()
      } catch (error) {
        fail(error)
        putBack(part)
      }
    }
  }
  const flush = (): Promise<void> => (running = running.then(write))
  const take = (given: Omit<AuditRecord, 'run' | 'sequence'>): void => {
    const record: AuditRecord = { ...given, run, sequence }
    sequence += 1
    lastNs = record.tsNs
    counts.taken += 1
    journal.add()
    if (size > maxWaiting) {
      counts.lost += 1
      return
    }
    waiting.push(record)
    size += sizeOf(record)
  }
  return {
    counts,
    record(given) {
      take(given)
      if (since === 0n) since = lastNs
      if (lastNs - since < BigInt(intervalMs) * NS_PER_MS && lastNs >= since) return
      since = lastNs
      void flush()
    },
    flush,
    async close() {
      take({ kind: 'end', tsNs: lastNs, input: '', output: '', rows: '', models: '', code: '', latencyMs: 0 })
      await flush()
      const end = at.hour === null ? null : { ...at.hour, run }
      if (end !== null) {
        counts.removed += await tidy(folder, end, retention, files).catch((error: unknown) => {
          fail(error)
          return 0
        })
      }
      counts.bytes = await bytesIn(folder, files).catch(() => counts.bytes)
      counts.lost += waiting.length
      await journal.close(waiting.length === 0)
    },
  }
}

type Hour = Pick<AuditFile, 'date' | 'hour'>

const sizeOf = ({ input, output, rows }: AuditRecord): number => input.length + output.length + rows.length

const noCounts = (): AuditCounts => {
  const counted = { taken: 0, written: 0, lost: 0, failures: 0, removed: 0, bytes: 0, crashes: 0, lostByCrash: 0 }
  return { ...counted, failure: null }
}

/** Finds the session date and hour of a time; remembers the last one's. */
function places(): (tsNs: bigint) => Hour {
  const calendar = newYorkCalendar()
  let [known, hour]: [bigint, Hour] = [-1n, { date: '', hour: 0 }]
  return (tsNs) => {
    const now = tsNs / HOUR_NS
    if (now !== known) [known, hour] = [now, { date: calendar.dateOf(tsNs), hour: Number(now % 24n) }]
    return hour
  }
}

function byHour(records: readonly AuditRecord[], placeOf: (tsNs: bigint) => Hour): Map<Hour, AuditRecord[]> {
  const parts = new Map<Hour, AuditRecord[]>()
  for (const record of records) {
    const hour = placeOf(record.tsNs)
    const part = parts.get(hour)
    if (part === undefined) parts.set(hour, [record])
    else part.push(record)
  }
  return parts
}

/** Makes the files of a run's hour one, and removes what is too much or too old; returns how many files that were. */
async function tidy(
  folder: string,
  { date, hour, run }: Hour & Pick<AuditFile, 'run'>,
  retention: Retention,
  files: FileSystem,
): Promise<number> {
  const all = await listAudit(folder, files)
  const parts = all.filter((file) => file.date === date && file.hour === hour && file.run === run)
  if (parts.length > 1) {
    const { first } = parts[0] as AuditFile
    const last = Math.max(...parts.map((part) => part.last))
    const path = auditPath(folder, { date, hour, run, first, last })
    const { writeBatches } = await parquet()
    await writeBatches(path, await tablesOf(parts), { files })
    // A crash between these leaves records in two files; readers take each once.
    for (const part of parts) if (part.path !== path) await files.remove(part.path)
  }
  const expired = expiredFiles(await listAudit(folder, files), { date, hour }, retention)
  for (const { path } of expired) await files.remove(path)
  return expired.length
}

async function tablesOf(parts: readonly AuditFile[]): Promise<ArrayIterator<ReturnType<typeof auditTable>>> {
  const tables: ReturnType<typeof auditTable>[] = []
  const { readTable } = await parquet()
  let next = -1
  for (const { path } of parts) {
    const records = recordsOf((await readTable(path)).table).filter(({ sequence }) => sequence >= next)
    next = Math.max(next, (records.at(-1)?.sequence ?? -1) + 1)
    tables.push(auditTable(records))
  }
  return tables.values()
}

const bytesIn = async (folder: string, files: FileSystem): Promise<number> =>
  (await listAudit(folder, files)).reduce((sum, { bytes }) => sum + bytes, 0)

/** Counts the records of runs that did not end in order, and removes what they left to count by. */
async function countCrashes(folder: string, files: FileSystem, counts: AuditCounts): Promise<void> {
  const all = await listAudit(folder, files)
  counts.bytes = all.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { run, taken, path } of await journalsIn(folder, files)) {
    counts.crashes += 1
    counts.lostByCrash += Math.max(0, taken - recordsIn(all, run))
    await files.remove(path)
  }
}
