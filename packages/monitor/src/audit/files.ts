import { join } from 'node:path'
import { type FileSystem, nodeFileSystem } from '@breakwater/formats/node'

/** One file of an audit log: records [first, last] of a run, of one hour of one session. */
export interface AuditFile {
  readonly path: string
  /** 'YYYY-MM-DD' in New York. */
  readonly date: string
  /** Hour of the day, UTC. */
  readonly hour: number
  readonly run: string
  readonly first: number
  readonly last: number
  readonly bytes: number
}

const NAME = /^(?<hour>\d\d)Z\.(?<run>[\w-]+)\.(?<first>\d+)-(?<last>\d+)\.parquet$/
const DATE = /^\d{4}-\d{2}-\d{2}$/

/** Path of the file of some records. */
export function auditPath(folder: string, { date, hour, run, first, last }: Omit<AuditFile, 'path' | 'bytes'>): string {
  return join(folder, date, `${String(hour).padStart(2, '0')}Z.${run}.${first}-${last}.parquet`)
}

/** The files of a log, oldest first; none where there is no folder. Others that lie there are left alone. */
export async function listAudit(folder: string, files: FileSystem = nodeFileSystem): Promise<AuditFile[]> {
  const found: AuditFile[] = []
  for (const date of (await entriesOf(folder, files)).filter((name) => DATE.test(name))) {
    for (const name of await entriesOf(join(folder, date), files)) {
      const { hour, run = '', first, last } = NAME.exec(name)?.groups ?? {}
      if (hour === undefined) continue
      const path = join(folder, date, name)
      const bytes = (await files.status(path))?.size ?? 0
      found.push({ path, date, hour: Number(hour), run, first: Number(first), last: Number(last), bytes })
    }
  }
  return found.toSorted(inOrder)
}

function inOrder(a: AuditFile, b: AuditFile): number {
  const [x, y] = [`${a.date} ${String(a.hour).padStart(2, '0')}`, `${b.date} ${String(b.hour).padStart(2, '0')}`]
  return x === y ? a.run.localeCompare(b.run) || a.first - b.first || b.last - a.last : x < y ? -1 : 1
}

async function entriesOf(folder: string, files: FileSystem): Promise<readonly string[]> {
  return (await files.status(folder))?.kind === 'folder' ? (await files.list(folder)).toSorted() : []
}

/** Bytes and age that a log may have. */
export interface Retention {
  readonly maxBytes: number
  /** Days before `date` that files stay. */
  readonly maxDays: number
}

const DAY_MS = 86_400_000

/** The oldest files, which must go for the log to keep within its bounds; files of `date` and `hour` stay. */
export function expiredFiles(
  all: readonly AuditFile[],
  { date, hour }: Pick<AuditFile, 'date' | 'hour'>,
  { maxBytes, maxDays }: Retention,
): AuditFile[] {
  let bytes = all.reduce((sum, file) => sum + file.bytes, 0)
  const oldest = new Date(Date.parse(date) - maxDays * DAY_MS).toISOString().slice(0, DATE_LENGTH)
  return all.filter((file) => {
    const isNow = file.date === date && file.hour === hour
    if (isNow || (bytes <= maxBytes && file.date >= oldest)) return false
    bytes -= file.bytes
    return true
  })
}

const DATE_LENGTH = 10

/** How many records the files of a run hold; one that lies in two files counts once. */
export function recordsIn(all: readonly AuditFile[], run: string): number {
  let [count, next] = [0, 0]
  for (const { first, last } of all.filter((file) => file.run === run).toSorted((a, b) => a.first - b.first)) {
    count += Math.max(0, last + 1 - Math.max(first, next))
    next = Math.max(next, last + 1)
  }
  return count
}
