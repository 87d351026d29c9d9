import { type Column, MISSING_NS, numbersOf, stringsOf, type Table, timesOf } from '@breakwater/features'

/** What a record is of: the start of a run (its settings and history), a tick, other models, or an end in good order. */
export type AuditKind = 'start' | 'tick' | 'models' | 'end'

/** One record of what a scorer took in and gave out. */
export interface AuditRecord {
  /** Names the run of the process. */
  readonly run: string
  /** Rises by 1 from 0, the start. */
  readonly sequence: number
  readonly kind: AuditKind
  /** Time of the snapshot, of its arrival where it has none, nanoseconds since 1970. */
  readonly tsNs: bigint
  /** Settings and history of a start, JSON; empty for a tick. */
  readonly input: string
  /** The payload as it was published, JSON: the snapshot with its `viewport`. */
  readonly output: string
  /** Rows that were encoded for it, 32-bit floats as base64, by stage. */
  readonly rows: string
  /** SHA-256 of the metadata of stage A and B that served. */
  readonly models: string
  /** Version of the program. */
  readonly code: string
  readonly latencyMs: number
}

const WORDS = ['run', 'kind', 'input', 'output', 'rows', 'models', 'code'] as const

/** Records as a table. */
export function auditTable(records: readonly AuditRecord[]): Table {
  const columns: Record<string, Column> = {
    ts_ns: { type: 'time', values: BigInt64Array.from(records, ({ tsNs }) => tsNs) },
    sequence: { type: 'number', values: Float64Array.from(records, ({ sequence }) => sequence) },
    latency_ms: { type: 'number', values: Float64Array.from(records, ({ latencyMs }) => latencyMs) },
  }
  for (const name of WORDS) columns[name] = wordsOf(records.map((record) => record[name]))
  return { rows: records.length, columns }
}

function wordsOf(values: readonly string[]): Column {
  const places = new Map<string, number>()
  const codes = Int32Array.from(values, (value) => {
    const place = places.get(value) ?? places.size
    places.set(value, place)
    return place
  })
  return { type: 'string', codes, dictionary: [...places.keys()] }
}

/** The records of a table that {@link auditTable} made. Throws on an absent column. */
export function recordsOf(table: Table): AuditRecord[] {
  const [times, sequence, latency] = [
    timesOf(table, 'ts_ns'),
    numbersOf(table, 'sequence'),
    numbersOf(table, 'latency_ms'),
  ]
  const words = WORDS.map((name) => stringsOf(table, name))
  return Array.from(times, (tsNs, row): AuditRecord => {
    const [run = '', kind = '', input = '', output = '', rows = '', models = '', code = ''] = words.map(
      (column) => column[row] ?? '',
    )
    return {
      run,
      sequence: sequence[row] as number,
      kind: kind as AuditKind,
      tsNs: tsNs === MISSING_NS ? 0n : tsNs,
      input,
      output,
      rows,
      models,
      code,
      latencyMs: latency[row] as number,
    }
  })
}
