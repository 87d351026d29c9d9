import { createHash } from 'node:crypto'

/** Any value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * One piece of work as plain data. Two jobs with the same fields are the same job: whoever runs it gets the same bytes. It
 * holds neither paths nor secrets, so that it may travel and be kept.
 */
export interface Job {
  /** Which of the program's bodies does it. */
  readonly kind: string
  /** Version of the program whose bodies compute it, with the platform that it computes on; see `programVersion`. */
  readonly program: string
  /** Content hash of the data that it reads. */
  readonly data: string
  readonly options: Json
  /** The fold, or whatever part of the data the job is about. */
  readonly fold: Json
  readonly heads: readonly string[]
  /** Ids of the jobs whose results it reads; it begins when they are done. By default none. */
  readonly needs?: readonly string[] | undefined
}

/** A job with its id. */
export interface PlannedJob {
  readonly id: string
  readonly job: Job
}

/** JSON with the keys of every object in order, so that equal values have equal texts. Throws on what JSON cannot hold. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map((each) => canonicalJson(each)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as Record<string, Json | undefined>)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`jobs: ${value} in a job: JSON has no such number. Leave it out, or write it as text.`)
  }
  return JSON.stringify(value)
}

/** SHA-256 of text or bytes, 64 lower-case hex digits. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** The id of a job: the SHA-256 of its program, data, kind, options, fold, heads and, where it has any, needs. */
export function jobId({ kind, program, data, options, fold, heads, needs }: Job): string {
  const needed = needs === undefined ? {} : { needs }
  return sha256(canonicalJson({ kind, program, data, options, fold, heads, ...needed }))
}

/** The id of a set of jobs, whatever their order: who asks for the same jobs asks for the same run. */
export function runId(jobs: readonly PlannedJob[]): string {
  return sha256(
    jobs
      .map(({ id }) => id)
      .toSorted()
      .join('\n'),
  )
}
