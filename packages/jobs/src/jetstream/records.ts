import { z } from 'zod'
import type { Job, Json } from '../job.ts'
import { type Bus, BUCKETS } from './bus.ts'

/** A job on the queue. It holds hashes and options only. */
export interface Envelope {
  readonly version: 1
  readonly job: Job
  /** The run that asked first. */
  readonly run: string
  /** SHA-256 of the list of the job's data files. */
  readonly manifest: string
  /** How data and results travel: in a folder that all share, or through the bus's object store. */
  readonly via: 'folder' | 'store'
}

/** What a worker tells the starters when a job has ended. */
export type Ended =
  | { readonly id: string; readonly status: 'done'; readonly worker: string }
  | { readonly id: string; readonly status: 'failed'; readonly worker: string; readonly reason: string }

/** A run as the bus knows it. */
export interface RunRecord {
  readonly run: string
  /** What the user ran. */
  readonly command: string
  readonly program: string
  readonly total: number
  /** Milliseconds since 1970. */
  readonly since: number
  readonly state: 'running' | 'done' | 'cancelled'
}

/** A job that failed, with what it takes to try it again. */
export interface DeadRecord {
  readonly id: string
  readonly envelope: Envelope
  readonly reason: string
  readonly deliveries: number
  readonly worker: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** A worker's sign of life. */
export interface WorkerRecord {
  readonly worker: string
  readonly program: string
  readonly threads: number
  /** Milliseconds since 1970. */
  readonly since: number
  readonly done: number
  readonly failed: number
  readonly draining: boolean
  readonly jobs: readonly {
    readonly id: string
    readonly run: string
    readonly share: number
    readonly detail: string
  }[]
}

/** Why a worker takes no job of a run. */
export interface Refusal {
  readonly worker: string
  readonly run: string
  readonly reason: string
}

interface Records {
  readonly run: RunRecord
  readonly dead: DeadRecord
  readonly worker: WorkerRecord
  readonly refusal: Refusal
}

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const json: z.ZodType<Json> = z.json()
const envelope: z.ZodType<Envelope> = z.strictObject({
  version: z.literal(1),
  job: z.strictObject({
    kind: z.string(),
    program: z.string(),
    data: z.string(),
    options: json,
    fold: json,
    heads: z.array(z.string()),
    needs: z.array(hash).optional(),
  }),
  run: hash,
  manifest: hash,
  via: z.enum(['folder', 'store']),
})
const ended: z.ZodType<Ended> = z.discriminatedUnion('status', [
  z.object({ id: hash, status: z.literal('done'), worker: z.string() }),
  z.object({ id: hash, status: z.literal('failed'), worker: z.string(), reason: z.string() }),
])
/** Records by the first part of their keys. */
const RECORDS: { readonly [K in keyof Records]: z.ZodType<Records[K]> } = {
  run: z.object({
    run: hash,
    command: z.string(),
    program: z.string(),
    total: z.int(),
    since: z.number(),
    state: z.enum(['running', 'done', 'cancelled']),
  }),
  dead: z.object({
    id: hash,
    envelope,
    reason: z.string(),
    deliveries: z.int(),
    worker: z.string(),
    at: z.number(),
  }),
  worker: z.object({
    worker: z.string(),
    program: z.string(),
    threads: z.int(),
    since: z.number(),
    done: z.int(),
    failed: z.int(),
    draining: z.boolean(),
    jobs: z.array(z.object({ id: hash, run: hash, share: z.number(), detail: z.string() })),
  }),
  refusal: z.object({ worker: z.string(), run: hash, reason: z.string() }),
}

/** The value of a message, or null where it is none of ours: what others put on the bus does not stop us. */
function read<T>(schema: z.ZodType<T>, data: Uint8Array): T | null {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(data)))
  } catch {
    return null
  }
}

/** A job of the queue; null where the message holds none. */
export const readEnvelope = (data: Uint8Array): Envelope | null => read(envelope, data)
/** How a job ended; null where the message does not say. */
export const readEnded = (data: Uint8Array): Ended | null => read(ended, data)
/** A record of a kind; null where the value is none. */
export const readRecord = <K extends keyof Records>(kind: K, data: Uint8Array): Records[K] | null =>
  read<Records[K]>(RECORDS[kind], data)

/**
 * Keys of a bucket that match `filter`, such as `dead.*.*`, in order; those that were deleted are among them. The server lists them
 * in one answer. The client's own `keys` makes a consumer and waits for its last message, which never comes where another process
 * writes that key meanwhile.
 */
export async function keysOf({ jsm }: Bus, bucket: keyof typeof BUCKETS, filter: string): Promise<string[]> {
  const prefix = `$KV.${BUCKETS[bucket]}.`
  const { state } = await jsm.streams.info(`KV_${BUCKETS[bucket]}`, { subjects_filter: `${prefix}${filter}` })
  return Object.keys(state.subjects ?? {})
    .map((subject) => subject.slice(prefix.length))
    .toSorted()
}

/** All records of a kind whose keys match `filter`. */
export async function recordsOf<K extends keyof Records>(
  bus: Bus,
  bucket: keyof typeof BUCKETS,
  kind: K,
  filter: string,
): Promise<Records[K][]> {
  const found: Records[K][] = []
  for (const key of await keysOf(bus, bucket, filter)) {
    const entry = await bus[bucket].get(key)
    const record = entry === null || entry.operation !== 'PUT' ? null : readRecord(kind, entry.value)
    if (record !== null) found.push(record)
  }
  return found
}
