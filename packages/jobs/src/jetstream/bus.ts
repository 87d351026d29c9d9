import { setTimeout } from 'node:timers/promises'
import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import { type ObjectStore, Objm } from '@nats-io/obj'
import { nanos, type NatsConnection } from '@nats-io/transport-node'
import { sha256 } from '../job.ts'

/** How patient everybody on the bus is, in milliseconds; workers and starters of one bus agree on `ackWaitMs`. */
export interface Patience {
  /** A job whose worker says nothing for so long is given to another. Default 30 s. */
  readonly ackWaitMs: number
  /** Between two signs of life of a worker. Default 1 s. */
  readonly heartbeatMs: number
  /** Between two looks of the starter for what the queue lost. Default 5 s. */
  readonly reconcileMs: number
  /**
   * After a connection is made, or made again, how long others are given to be back before a job is taken:
   * after a restart of the server its worker may be alive and not yet heard. Default 3 s.
   */
  readonly graceMs: number
  /** How long an operation is tried again while the server or its store is away. Default 10 minutes. */
  readonly retryMs: number
}

/** The defaults of {@link Patience}. */
export const PATIENCE: Patience = {
  ackWaitMs: 30_000,
  heartbeatMs: 1000,
  reconcileMs: 5000,
  graceMs: 3000,
  retryMs: 600_000,
}

/** Times that a job is given to a worker before it counts as failed. */
export const MAX_DELIVERIES = 5

/** The stream of work: a subject a job, so that a job is there once, whoever asks for it. */
export const WORK = 'BREAKWATER_JOBS'
/** Buckets of keys and values. */
export const BUCKETS = { runs: 'breakwater-runs', workers: 'breakwater-workers' } as const
const DATA = 'breakwater-data'
const RESULTS = 'breakwater-results'
/** Workers that say nothing for so long are forgotten. */
const WORKER_TTL_MS = 60_000
/** Results and data that nobody collects are dropped by the server. */
const OBJECT_TTL_MS = 14 * 86_400_000

/** Hashes on subjects are shortened to so many digits; the whole ones are in the messages. */
const SHORT = 16
/** A hash as subjects and keys name it. */
export const short = (hash: string): string => hash.slice(0, SHORT)
/** A program as subjects name it. */
export const programKey = (version: string): string => short(sha256(version))

/** The consumer that the workers of a program share. */
export const consumerOf = (program: string): string => `workers-${programKey(program)}`

/** Subjects of core NATS beside the queue. */
export const SUBJECTS = {
  work: (program: string, run: string, job: string): string => `breakwater.jobs.work.${program}.${run}.${job}`,
  /** How jobs of a run ended. */
  ended: (run: string): string => `breakwater.jobs.ended.${short(run)}`,
  /** Who works on a job? */
  claim: (program: string, job: string): string => `breakwater.jobs.claim.${programKey(program)}.${job}`,
  /** Data that a worker lacks. */
  want: (run: string): string => `breakwater.jobs.want.${short(run)}`,
  /** A run was cancelled. */
  cancel: 'breakwater.jobs.cancel',
} as const

/** The bus with everything that jobs keep there. */
export interface Bus {
  readonly nats: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  /** Runs under `run.{run}`, failures under `dead.{run}.{job}`. */
  readonly runs: KV
  /** Signs of life under `worker.{id}`, refusals under `refusal.{run}.{worker}`; forgotten after a minute. */
  readonly workers: KV
  readonly data: ObjectStore
  readonly results: ObjectStore
  readonly patience: Patience
  /** Makes what the server lacks, such as after its store was wiped. */
  readonly ensure: () => Promise<void>
  /** Makes the consumer through which the workers of a program share its work. Resolves to its name. */
  readonly ensureConsumer: (program: string) => Promise<string>
  /** Tries an operation until it succeeds, making what the server lacks, for as long as {@link Patience} says. */
  readonly steady: <T>(operation: () => Promise<T>, signal?: AbortSignal) => Promise<T>
}

const RETRY_MS = 250

/** Opens the bus, and makes what the server lacks. Throws where the server has no JetStream, or we no right to it. */
export async function openBus(nats: NatsConnection, patience: Partial<Patience> = {}): Promise<Bus> {
  const settings = { ...PATIENCE, ...patience }
  const [js, kvm, objm] = [jetstream(nats), new Kvm(nats), new Objm(nats)]
  const open = async (): Promise<Pick<Bus, 'jsm' | 'runs' | 'workers' | 'data' | 'results'>> => {
    const jsm = await jetstreamManager(nats)
    await jsm.streams.add({
      name: WORK,
      subjects: ['breakwater.jobs.work.>'],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      discard_new_per_subject: true,
      max_msgs_per_subject: 1,
    })
    const ttl = nanos(OBJECT_TTL_MS)
    const storage = StorageType.File
    return {
      jsm,
      runs: await kvm.create(BUCKETS.runs, { storage }),
      workers: await kvm.create(BUCKETS.workers, { ttl: WORKER_TTL_MS, storage: StorageType.Memory }),
      data: await objm.create(DATA, { ttl, storage }),
      results: await objm.create(RESULTS, { ttl, storage }),
    }
  }
  const opened = await open().catch((cause: unknown) => {
    throw new Error(
      `jobs: ${nats.getServer()}: cannot be used as a queue. Start it with JetStream (nats-server -js), for an account that may use it.`,
      { cause },
    )
  })
  const ensure = async (): Promise<void> => void (await open())
  return {
    nats,
    js,
    ...opened,
    patience: settings,
    ensure,
    ensureConsumer: async (program) => {
      const name = consumerOf(program)
      await opened.jsm.consumers.add(WORK, {
        durable_name: name,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(settings.ackWaitMs),
        filter_subject: SUBJECTS.work(programKey(program), '*', '*'),
        max_ack_pending: -1,
      })
      return name
    },
    steady: async (operation, signal) => {
      const until = performance.now() + settings.retryMs
      for (;;) {
        signal?.throwIfAborted()
        try {
          return await operation()
        } catch (error) {
          if (nats.isClosed() || signal?.aborted === true || performance.now() > until) throw error
          await setTimeout(RETRY_MS)
          await ensure().catch(() => undefined)
        }
      }
    },
  }
}
