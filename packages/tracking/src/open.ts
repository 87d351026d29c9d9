import { join } from 'node:path'
import { setTimeout as startTimer } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import { WandbAuthError } from './configuration.ts'
import type { TrackingConfiguration } from './configuration.ts'
import { fanOut } from './fan-out.ts'
import type { MlflowServer } from './mlflow/client.ts'
import { mlflowFiles } from './mlflow/files.ts'
import { mlflowServer } from './mlflow/server.ts'
import type { MlflowServerOptions } from './mlflow/server.ts'
import { noTracker } from './none.ts'
import { createPatience, ENDLESS_PATIENCE } from './patience.ts'
import type { Patience, Timer } from './patience.ts'
import { EXPERIMENTS } from './run-name.ts'
import { redactor } from './secrets.ts'
import type { JobName, Tracker } from './tracker.ts'
import { wandbOffline } from './wandb/offline.ts'
import { wandbSync } from './wandb/sync.ts'
import type { WandbSyncOptions } from './wandb/sync.ts'
import { verifyWandbKey } from './wandb/verify.ts'

/** What a tracker of the configured systems takes from the process around it. */
export interface OpenOptions {
  readonly configuration: TrackingConfiguration
  /** Where journals lie until an MLflow server has them. */
  readonly spool: string
  readonly user: string
  /** Environment of child processes. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Shows a line to the person. */
  readonly show: (line: string) => void
  /** Aborted when the job is interrupted. */
  readonly signal?: AbortSignal
  readonly replayCommand: string
  /** Default: the process's. */
  readonly timer?: Timer
}

const processTimer: Timer = {
  now: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = startTimer(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

/**
 * A tracker over the configured systems; secrets are removed from all its messages. A run waits for servers, in all
 * systems together, no longer than the configured deadline: what they have not taken by then stays on disk.
 */
export function openTracker(options: OpenOptions): Tracker {
  const { configuration, timer = processTimer } = options
  const tracker = trackerOf(options)
  return { start: (run, patience = createPatience(configuration.deadline, timer)) => tracker.start(run, patience) }
}

function trackerOf(options: OpenOptions): Tracker {
  const { systems, wandb } = options.configuration
  const trackers: Tracker[] = []
  if (systems.includes('mlflow')) trackers.push(openMlflow(options))
  if (systems.includes('wandb') && wandb.mode !== 'disabled') trackers.push(openWandb(options))
  const [only] = trackers
  if (only === undefined) return noTracker()
  return trackers.length === 1 ? only : fanOut(trackers)
}

/** The options of the configured MLflow server; undefined where MLflow is recorded in files. */
export function serverOptions(options: OpenOptions): MlflowServerOptions | undefined {
  const { mlflow } = options.configuration
  return mlflow.kind === 'files' ? undefined : optionsFor(options, mlflow.server)
}

function optionsFor(options: OpenOptions, server: MlflowServer): MlflowServerOptions {
  const { configuration, spool, user, clock, random, show, signal, replayCommand } = options
  const redact = redactor(configuration.secrets)
  return {
    server,
    spool,
    experimentOf: experimentOf(configuration),
    user,
    context: { clock, warn: (message) => show(redact(message)) },
    network: { fetch, timeout: (milliseconds) => AbortSignal.timeout(milliseconds), redact },
    waiting: {
      random,
      sleep: (milliseconds, aborted) =>
        setTimeout(milliseconds, undefined, aborted === undefined ? undefined : { signal: aborted }),
    },
    ...(signal === undefined ? {} : { signal }),
    replayCommand,
  }
}

const experimentOf =
  ({ experiment }: TrackingConfiguration) =>
  (job: JobName): string =>
    experiment ?? EXPERIMENTS[job]

function openMlflow(options: OpenOptions): Tracker {
  const { configuration, user, clock, show } = options
  const { mlflow } = configuration
  if (mlflow.kind === 'server') return mlflowServer(optionsFor(options, mlflow.server))
  const context = { clock, warn: show }
  return mlflowFiles({ folder: mlflow.folder, experimentOf: experimentOf(configuration), user, context })
}

function openWandb({ configuration, env, clock, show, signal }: OpenOptions): Tracker {
  const { mode, project, entity, apiKey, baseUrl, folder } = configuration.wandb
  const redact = redactor(configuration.secrets)
  let silent = false
  const upload = async (run: string, patience: Patience): Promise<void> => {
    if (mode !== 'online' || apiKey === undefined) return
    if (signal?.aborted === true) show(`W&B: interrupted, not uploaded: wandb sync ${run}`)
    else if (silent) show(`W&B: did not take an earlier run in time, not uploaded: wandb sync ${run}`)
    else {
      const giveUp = new AbortController()
      const uploaded = uploadOrSay(run, { env, apiKey, baseUrl, show, redact, signal: giveUp.signal })
      silent = !(await patience.wait(uploaded))
      if (!silent) return
      giveUp.abort()
      await uploaded
    }
  }
  const offline = wandbOffline({ folder, project, entity, context: { clock, warn: show }, onEnd: upload })
  if (mode !== 'online' || apiKey === undefined) return offline
  let verified: Promise<boolean> | undefined
  const verify = async (): Promise<boolean> => {
    const known = await verifyWandbKey({ apiKey, baseUrl, fetch, timeout: (ms) => AbortSignal.timeout(ms) })
    if (!known)
      show('tracking: W&B: no answer about the API key. Runs are recorded on disk, and uploaded where that works.')
    return known
  }
  return {
    start: async (run, patience = ENDLESS_PATIENCE) => {
      verified ??= verify()
      await patience.wait(verified)
      return offline.start(run, patience)
    },
  }
}

/** Uploads a run; a failure that is not about the key is reported and stops no job, since the run is on disk. */
async function uploadOrSay(run: string, options: WandbSyncOptions): Promise<void> {
  try {
    await wandbSync(run, options)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof WandbAuthError) throw error
    options.show(error.message)
  }
}

/** Where the journals for a server lie below a tracking folder. */
export const spoolFolder = (folder: string): string => join(folder, 'spool')
