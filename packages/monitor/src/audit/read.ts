import { listAudit, type AuditFile } from './files.ts'
import { recordsOf, type AuditRecord } from './record.ts'

/** Which part of a log is read. */
export interface AuditSelection {
  /** Session dates, 'YYYY-MM-DD'; all by default. */
  readonly dates?: readonly string[]
  /** One run; all by default. */
  readonly run?: string
}

/**
 * The records of a log, run by run in the order in which they were taken, each once. Reads one file at a time. Throws Error
 * where no file matches.
 */
export async function* readAudit(
  folder: string,
  { dates, run }: AuditSelection = {},
): AsyncGenerator<AuditRecord, void> {
  const all = await listAudit(folder)
  const chosen = all.filter((file) => (dates?.includes(file.date) ?? true) && (run === undefined || file.run === run))
  if (chosen.length === 0) {
    const there = [...new Set(all.map(({ date }) => date))]
    throw new Error(
      `monitor: ${folder}: no audit log of ${dates?.join(' ') ?? 'any date'}${run === undefined ? '' : `, run ${run}`}. It has ${there.join(', ') || 'no dates'}.`,
    )
  }
  const runs = [...new Set(chosen.map((file) => file.run))]
  for (const one of runs) yield* readRun(chosen.filter((file) => file.run === one))
}

async function* readRun(files: readonly AuditFile[]): AsyncGenerator<AuditRecord, void> {
  // Loaded here alone: the engine is a native add-on, and a process that keeps no log does without it.
  const { readTable } = await import('@breakwater/features/parquet')
  let next = 0
  for (const { path } of files.toSorted((a, b) => a.first - b.first || b.last - a.last)) {
    for (const record of recordsOf((await readTable(path)).table)) {
      if (record.sequence < next) continue
      next = record.sequence + 1
      yield record
    }
  }
}
