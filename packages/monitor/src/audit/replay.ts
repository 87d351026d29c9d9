import type { AuditRecord } from './record.ts'

/** A scorer that scores a log again. */
export interface ReplayScorer {
  /** What the snapshot of a published payload gives now: the payload as JSON, rows as base64. */
  score(published: string): { readonly output: string; readonly rows: string }
  /** SHA-256 of the models that it scores with. */
  readonly models: string
  readonly code: string
}

/** Why a record was not given again to the bit. */
export type DifferenceReason = 'models' | 'rows' | 'output' | 'gap'

/** One difference. */
export interface AuditDifference {
  readonly run: string
  readonly sequence: number
  readonly tsNs: bigint
  readonly reason: DifferenceReason
  /** Path of the first differing value, and both; `3 records are missing` for a gap. */
  readonly detail: string
}

/** What a replay of a log came to. */
export interface AuditReplay {
  ticks: number
  same: number
  runs: number
  /** Records that the log has not. */
  missing: number
  /** The first differences, at most as many as were asked for. */
  readonly differences: AuditDifference[]
  differing: number
}

/**
 * Scores a log again, run by run from its start, and compares what came out to the bit. Where it is not the same, says where and
 * why: other models serve than did, the rows differ (features are built differently), or the same rows give another output.
 * A gap in the log is reported; what follows it may differ, since levels remember. `begin` makes a scorer of a start's settings.
 */
export async function replayAudit(
  records: AsyncIterable<AuditRecord>,
  begin: (start: AuditRecord) => Promise<ReplayScorer>,
  { most = 20 }: { readonly most?: number } = {},
): Promise<AuditReplay> {
  const result: AuditReplay = { ticks: 0, same: 0, runs: 0, missing: 0, differences: [], differing: 0 }
  let scorer: ReplayScorer | null = null
  let [run, next] = ['', 0]
  const differ = (record: AuditRecord, reason: DifferenceReason, detail: string): void => {
    if (reason !== 'gap') result.differing += 1
    const { sequence, tsNs } = record
    if (result.differences.length < most) result.differences.push({ run: record.run, sequence, tsNs, reason, detail })
  }
  for await (const record of records) {
    if (record.run !== run) {
      ;[run, next, scorer] = [record.run, 0, null]
      result.runs += 1
    }
    if (record.sequence > next) {
      const gap = record.sequence - next
      result.missing += gap
      differ(record, 'gap', `${gap} ${gap === 1 ? 'record is' : 'records are'} missing`)
    }
    next = record.sequence + 1
    if (record.kind === 'start') scorer = await begin(record)
    if (record.kind !== 'tick') continue
    result.ticks += 1
    if (scorer === null) {
      differ(record, 'gap', 'the start of the run is missing: its settings and history are not known')
      continue
    }
    const again = scorer.score(record.output)
    if (again.output === record.output && again.rows === record.rows) result.same += 1
    else if (scorer.models !== record.models) differ(record, 'models', `${record.models} served, now ${scorer.models}`)
    else if (again.rows !== record.rows) differ(record, 'rows', rowDifference(record.rows, again.rows))
    else
      differ(record, 'output', firstDifference(JSON.parse(record.output), JSON.parse(again.output), '') ?? 'the text')
  }
  return result
}

/** The first place at which two JSON values differ, with both values; null where they are equal. */
function firstDifference(a: unknown, b: unknown, path: string): string | null {
  if (Object.is(a, b)) return null
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${path === '' ? 'the value' : path}: ${JSON.stringify(a)}, now ${JSON.stringify(b)}`
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const place = path === '' ? key : `${path}.${key}`
    const found = firstDifference(Reflect.get(a, key), Reflect.get(b, key), place)
    if (found !== null) return found
  }
  return null
}

function rowDifference(a: string, b: string): string {
  const [x, y] = [decodeRows(a), decodeRows(b)]
  const at = x.findIndex((value, i) => !Object.is(value, y[i]))
  return at === -1 ? `${x.length} values, now ${y.length}` : `value ${at}: ${x[at]}, now ${y[at]}`
}

function decodeRows(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (character) => character.codePointAt(0) as number)
  return new Float32Array(bytes.buffer, 0, bytes.length >> 2)
}
