// A program for tests: what it computes depends on its job and data alone, and each start of a job is noted.
import { appendFileSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Body, Job, JobContext, Program } from '@breakwater/jobs'

/** Text of all files of the data. */
export type Text = string

const settings = (job: Job): { readonly ms?: number; readonly bytes?: number } =>
  job.options as { ms?: number; bytes?: number }

/** Notes that a job was computed, in the file that TEST_LOG names: one line a time. */
function note(job: Job): void {
  const log = process.env['TEST_LOG']
  if (log !== undefined) appendFileSync(log, `${JSON.stringify(job.fold)} ${process.pid}\n`)
}

/** Bytes that depend on the job and the data. */
function bytesOf(job: Job, data: Text): Uint8Array {
  const { ms: _ms, ...options } = settings(job)
  const digest = createHash('sha256')
    .update(JSON.stringify([job.kind, options, job.fold, job.heads, data]))
    .digest()
  return Buffer.alloc(options.bytes ?? 64, digest)
}

/** Takes `ms` milliseconds in steps, then gives its bytes. */
const steps: Body<Text> = async (job, { data, onProgress }: JobContext<Text>) => {
  const { ms = 0 } = settings(job)
  const until = performance.now() + ms
  for (let left = ms; left > 0; left = until - performance.now()) {
    onProgress(1 - left / ms, `fold ${JSON.stringify(job.fold)}`)
    await setTimeout(Math.min(left, 20))
  }
  note(job)
  return bytesOf(job, data)
}

/** The SHA-256 of the results that it needs, one after the other. */
const joins: Body<Text> = (job, { needed }) => {
  note(job)
  const hash = createHash('sha256')
  for (const bytes of needed) hash.update(bytes)
  return Promise.resolve(hash.digest())
}

const fails: Body<Text> = () => {
  throw new Error('the body says no', { cause: new Error('of its own reason') })
}

const hangs: Body<Text> = () => {
  // The thread itself stands still, so that neither a timer nor a message of its own gets through.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  return Promise.resolve(new Uint8Array())
}

const ends: Body<Text> = () => process.exit(3)

export const program: Program<Text> = {
  version: process.env['TEST_PROGRAM'] ?? 'test+1 linux',
  bodies: { steps, joins, fails, hangs, ends },
  open: ({ hash, files }) => {
    const text = files.map(({ path }) => readFileSync(path, 'utf8')).join('\n')
    const found = createHash('sha256').update(text).digest('hex')
    if (found !== hash) return Promise.reject(new Error(`the data hash is ${found}, not ${hash}`))
    return Promise.resolve(text)
  },
}
