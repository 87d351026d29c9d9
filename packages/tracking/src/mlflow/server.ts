import { join, relative } from 'node:path'
import { copyInto } from '../copy.ts'
import { checkStart, guardRun } from '../guard.ts'
import type { SinkRun } from '../guard.ts'
import type { RetryDelays, RetryPolicy } from '../retry.ts'
import { ENDLESS_PATIENCE } from '../patience.ts'
import type { Patience } from '../patience.ts'
import { paramText } from '../rules.ts'
import type { JobName, ParamValue, RunStart, Tracker, TrackerContext } from '../tracker.ts'
import { mlflowClient, MlflowRefusal } from './client.ts'
import type { MlflowServer, Network } from './client.ts'
import { deliver, isAuthFailure } from './deliver.ts'
import type { Delivery } from './deliver.ts'
import { openJournal } from './journal.ts'
import type { Journal } from './journal.ts'
import { packBatches } from './operations.ts'
import type { LogBatch, Operation, WireText } from './operations.ts'
import { mlflowDataset, tableTag } from './terms.ts'

/** How runs get to an MLflow server. */
export interface MlflowServerOptions {
  readonly server: MlflowServer
  /** Where journals lie until the server has them. */
  readonly spool: string
  readonly experimentOf: (job: JobName) => string
  readonly user: string
  readonly context: TrackerContext
  readonly network: Network
  readonly waiting: RetryDelays
  /** Default: 6 tries within about half a minute. */
  readonly retry?: RetryPolicy
  /** Ms without a new round of tries after one has failed; default 30 s. The end of a run always tries once more. */
  readonly cooldown?: number
  /** Aborted when the job is interrupted: no waits between tries from then on, and short ones for an answer. */
  readonly signal?: AbortSignal
  /** How a spooled run is sent later, for people. */
  readonly replayCommand: string
}

const DEFAULT_RETRY: RetryPolicy = { attempts: 6, firstDelay: 500, longestDelay: 10_000 }

const COOLDOWN = 30_000
const TIMEOUT_WHEN_INTERRUPTED = 3000

/** What sending to the server of these options needs; `giveUp` ends requests and waits that are under way. */
export function deliveryOf(
  { server, network, retry = DEFAULT_RETRY, waiting, signal }: MlflowServerOptions,
  giveUp?: AbortSignal,
): Delivery {
  const timeout = (milliseconds: number): AbortSignal => {
    const limit = signal?.aborted === true ? Math.min(milliseconds, TIMEOUT_WHEN_INTERRUPTED) : milliseconds
    return anyOf(network.timeout(limit), giveUp)
  }
  const client = mlflowClient(server, { ...network, timeout })
  return { client, uri: server.uri, retry, waiting, signal: signal === undefined ? giveUp : anyOf(signal, giveUp) }
}

const anyOf = (one: AbortSignal, other: AbortSignal | undefined): AbortSignal =>
  other === undefined ? one : AbortSignal.any([one, other])

/**
 * A tracker that records to an MLflow server. Whatever is recorded is first in a journal on disk and sent from there in the
 * background, so that a slow server does not slow the job, and one that is down does not stop it: the journal then stays
 * for a replay. A server that refuses the start of a run (credentials, a deleted experiment) is an error at once.
 */
export function mlflowServer(options: MlflowServerOptions): Tracker {
  const state: ServerState = { options, senders: new Map(), silent: false }
  return {
    start: async (run, patience = ENDLESS_PATIENCE) => {
      checkStart(run)
      return guardRun(run, await openRun(state, run, patience))
    },
  }
}

/** What the runs of a tracker share. */
interface ServerState {
  readonly options: MlflowServerOptions
  readonly senders: Map<string, Sender>
  /** A run's patience ran out, and the server has taken nothing since: no other run waits for it. */
  silent: boolean
}

const batchesOf = (part: Partial<LogBatch>): LogBatch[] =>
  packBatches([{ kind: 'batch', metrics: [], params: [], tags: [], ...part }])
const texts = (values: Readonly<Record<string, ParamValue>>): WireText[] =>
  Object.entries(values).map(([key, value]) => ({ key, value: paramText(value) }))

async function openRun(state: ServerState, run: RunStart, patience: Patience): Promise<SinkRun> {
  const { options, senders } = state
  const { context, user } = options
  const journal = await openJournal(join(options.spool, run.id))
  const sender = createSender(state, journal, patience, senders.get(run.parent ?? ''))
  senders.set(run.id, sender)
  const record = async (...operations: readonly Operation[]): Promise<void> => {
    for (const operation of operations) await journal.append(operation)
    sender.wake()
  }
  await journal.append({ kind: 'start', run, experiment: options.experimentOf(run.job), user, time: context.clock() })
  await sender.begin()
  const tables: string[] = []
  return {
    places: [placeOf(options.server.uri, journal)],
    params: (values) => record(...batchesOf({ params: texts(values) })),
    tags: (values) => record(...batchesOf({ tags: texts(values) })),
    metrics: (values, step) => {
      const timestamp = context.clock()
      const metrics = Object.entries(values).map(([key, value]) => ({ key, value, timestamp, step }))
      return record(...batchesOf({ metrics }))
    },
    artifact: async ({ name, type, files, metadata, registerAs }) => {
      const copies = await copyInto(join(journal.folder, 'files', String(journal.operations.length)), files)
      for (const { path, localPath } of copies) {
        await record({ kind: 'file', path: `${name}/${path}`, file: relative(journal.folder, localPath) })
      }
      if (type === 'table') {
        tables.push(...files.map(({ path }) => `${name}/${path}`))
        await record(...batchesOf({ tags: texts(tableTag(tables)) }))
      }
      if (registerAs === undefined) return
      await record({ kind: 'model', model: registerAs, artifact: name, tags: texts(metadata ?? {}) })
    },
    dataset: (input) => record({ kind: 'dataset', dataset: mlflowDataset(input), context: input.context }),
    end: async (status) => {
      await journal.append({ kind: 'end', status, time: context.clock() })
      await sender.finish()
    },
  }
}

function placeOf(uri: string, { progress, folder }: Journal): string {
  const { run } = progress
  return run === undefined
    ? `MLflow run, not sent yet: ${folder}`
    : `MLflow run: ${uri}/#/experiments/${run.experimentId}/runs/${run.runId}`
}

interface Sender {
  /** Sends the start, unless the server has it. Throws where that fails. */
  readonly ensureStarted: () => Promise<void>
  /**
   * Sends the start. Throws where the server refuses it; a journal that began with it is gone then. Where the server
   * does not answer in time, sending continues in the background.
   */
  readonly begin: () => Promise<void>
  /** Sends in the background, unless it does already or failed a moment ago. */
  readonly wake: () => void
  /** Sends all that is left, in time; removes the journal, or reports why it stays. */
  readonly finish: () => Promise<void>
}

function createSender(state: ServerState, journal: Journal, patience: Patience, parent: Sender | undefined): Sender {
  const { options } = state
  const { context, cooldown = COOLDOWN } = options
  const giveUp = new AbortController()
  const taken = (): void => {
    state.silent = false
  }
  const delivery: Delivery = { ...deliveryOf(options, giveUp.signal), taken }
  let running: Promise<void> | undefined
  let quietUntil = Number.NEGATIVE_INFINITY
  let problem: unknown
  const round = async (): Promise<void> => {
    try {
      // A run is made with the id that the server gave its parent.
      if (journal.progress.run === undefined) await parent?.ensureStarted()
      await deliver(journal, delivery)
      problem = undefined
    } catch (error) {
      if (problem === undefined && delivery.signal?.aborted !== true) context.warn(spoolingText(error))
      problem = error
      quietUntil = context.clock() + cooldown
    }
  }
  const start = (): Promise<void> => {
    running = round().finally(() => {
      running = undefined
    })
    return running
  }
  /** Whether the work came to its end while the job waited for it. */
  const waited = async (work: Promise<unknown>): Promise<boolean> => {
    if (state.silent) return false
    state.silent = !(await patience.wait(work))
    return !state.silent
  }
  return {
    ensureStarted: async () => {
      if (journal.progress.run === undefined) await (running ?? start())
      if (journal.progress.run === undefined) throw problem
    },
    begin: async () => {
      const wasSilent = state.silent
      if (!(await waited(start()))) {
        if (!wasSilent) context.warn(silentText(delivery.uri))
        return
      }
      if (problem instanceof MlflowRefusal) {
        // What an earlier process recorded of the run is kept for a replay.
        if (journal.operations.length > 1) await journal.release()
        else await journal.remove()
        throw startRefused(problem)
      }
    },
    wake: () => {
      if (running === undefined && context.clock() >= quietUntil) void start()
    },
    finish: async () => {
      const sent = (running ?? Promise.resolve()).then(start)
      if (!(await waited(sent))) {
        giveUp.abort()
        await sent
      }
      const { refused } = journal.progress
      if (problem === undefined && refused.length === 0) {
        await journal.remove()
        return
      }
      await journal.release()
      if (problem !== undefined) context.warn(leftText(journal.folder, options.replayCommand))
      for (const { message } of refused) context.warn(`${message} (refused; kept in ${journal.folder})`)
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const spoolingText = (error: unknown): string =>
  `${messageOf(error)}. The job continues; what it records is kept on disk until the server has it.`

const silentText = (uri: string): string =>
  `tracking: mlflow-server: ${uri} does not answer in the time that a run waits. The job continues; what it records is kept on disk until the server has it.`

const leftText = (folder: string, command: string): string =>
  `tracking: mlflow-server: not everything was sent: the run is kept in ${folder}. Send it later with: ${command}`

function startRefused(error: MlflowRefusal): Error {
  const fix = isAuthFailure(error)
    ? 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to what the server accepts; or record without it: unset MLFLOW_TRACKING_URI.'
    : 'Correct what it says, or record without it: unset MLFLOW_TRACKING_URI.'
  return new Error(`${error.message}. ${isAuthFailure(error) ? 'MLflow auth failure. ' : ''}${fix}`, { cause: error })
}
