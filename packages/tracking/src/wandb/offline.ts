import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { copyInto } from '../copy.ts'
import { checkStart, guardRun } from '../guard.ts'
import { ENDLESS_PATIENCE } from '../patience.ts'
import type { Patience } from '../patience.ts'
import type { RunStart, RunStatus, Tracker, TrackerContext } from '../tracker.ts'
import { makeManifest } from './artifact.ts'
import { createLog } from './log.ts'
import {
  artifactRecord,
  configRecord,
  exitRecord,
  finalRecord,
  footerRecord,
  headerRecord,
  historyRecord,
  runRecord,
  summaryRecord,
} from './records.ts'
import type { JsonValue } from './records.ts'

/** Where W&B runs are written. */
export interface WandbOfflineOptions {
  /** Holds the folder `wandb`, as WANDB_DIR does. */
  readonly folder: string
  readonly project: string
  /** Team; undefined is the person's own namespace. */
  readonly entity?: string | undefined
  readonly context: TrackerContext
  /** How `wandb sync` is called with the folder of a run, for people. Default `wandb sync`. */
  readonly syncCommand?: string
  /** Called with the run's folder when its file is complete, and with the patience that is left. */
  readonly onEnd?: (folder: string, patience: Patience) => Promise<void>
}

const PRODUCER = 'breakwater-tracking'
const TAG_LENGTH = 64
/** The exit code of a program that an interrupt ended. */
const EXIT_CODES: Readonly<Record<RunStatus, number>> = { finished: 0, failed: 1, killed: 130 }

/**
 * A tracker that writes W&B's offline format: `wandb/offline-run-<time>-<id>/run-<id>.wandb` with copies of the artifacts
 * beside it, for `wandb sync` to upload. Tags stand in the config one by one, and as `key:value` among the run's tags
 * where they fit into 64 characters. A data set is a part of the config, for W&B knows them only on its server.
 */
export function wandbOffline(options: WandbOfflineOptions): Tracker {
  return {
    start: async (run, patience = ENDLESS_PATIENCE) => {
      checkStart(run)
      return guardRun(run, await openRun(options, run, patience))
    },
  }
}

/** `offline-run-YYYYMMDD_HHMMSS-<id>`, the time in UTC. */
function folderName(id: string, startedAt: number): string {
  const [date = '', time = ''] = new Date(startedAt).toISOString().slice(0, 19).split('T')
  return `offline-run-${date.replaceAll('-', '')}_${time.replaceAll(':', '')}-${id}`
}

/** Makes the run's folder; a run that is opened again within a second gets the next second's. */
async function makeFolder(parent: string, id: string, startedAt: number): Promise<string> {
  await mkdir(parent, { recursive: true })
  for (let time = startedAt; ; time += 1000) {
    const folder = join(parent, folderName(id, time))
    try {
      await mkdir(folder)
      await mkdir(join(folder, 'files'))
      return folder
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

async function openRun(
  options: WandbOfflineOptions,
  run: RunStart,
  patience: Patience,
): Promise<Parameters<typeof guardRun>[1]> {
  const { project, entity, context } = options
  const { clock } = context
  const startedAt = clock()
  const folder = await makeFolder(resolve(options.folder, 'wandb'), run.id, startedAt)
  const log = await createLog(join(folder, `run-${run.id}.wandb`))
  let num = 0
  const append = (make: (num: number) => Uint8Array): Promise<void> => log.append(make(++num))
  const runtime = (): number => (clock() - startedAt) / 1000
  const summary: Record<string, JsonValue> = {}
  let row: { step: number; values: Record<string, JsonValue> } | undefined
  const flushRow = async (): Promise<void> => {
    if (row === undefined) return
    const { step, values } = row
    row = undefined
    const full = { ...values, _step: step, _runtime: runtime(), _timestamp: clock() / 1000 }
    Object.assign(summary, full)
    await append((n) => historyRecord(n, step, full))
  }
  const config = (values: Readonly<Record<string, JsonValue>>): Promise<void> =>
    Object.keys(values).length === 0 ? Promise.resolve() : append((n) => configRecord(n, values))

  try {
    await append((n) => headerRecord(n, PRODUCER))
    await append((n) => runRecord(n, describe(options, run, startedAt)))
  } catch (error) {
    await log.close().catch(() => undefined)
    throw error
  }
  return {
    places: [`W&B run, offline: ${folder} (upload it with: ${options.syncCommand ?? 'wandb sync'} ${folder})`],
    params: config,
    tags: config,
    metrics: async (values, step) => {
      if (row !== undefined && row.step !== step) await flushRow()
      row = { step, values: { ...row?.values, ...values } }
    },
    artifact: async ({ name, type, files, metadata }) => {
      const manifest = await makeManifest(await copyInto(join(folder, 'artifacts', name), files))
      const identity = { clientId: `${run.id}-${name}`, sequenceClientId: `${run.id}-${name}-sequence` }
      await append((n) =>
        artifactRecord(n, {
          ...identity,
          runId: run.id,
          project,
          entity,
          name: `${run.job}-${name}`,
          type,
          metadata: JSON.stringify(metadata ?? {}),
          manifest,
        }),
      )
    },
    dataset: ({ name, ...facts }) => config({ [`dataset.${facts.context}`]: { name, ...facts } }),
    end: async (status) => {
      try {
        await flushRow()
        if (Object.keys(summary).length > 0) await append((n) => summaryRecord(n, summary))
        await append((n) => exitRecord(n, EXIT_CODES[status], Math.round(runtime())))
        await append((n) => finalRecord(n))
        await append((n) => footerRecord(n))
      } finally {
        await log.close()
      }
      await options.onEnd?.(folder, patience)
    },
  }
}

function describe(options: WandbOfflineOptions, run: RunStart, startedAt: number): Parameters<typeof runRecord>[1] {
  return {
    id: run.id,
    entity: options.entity,
    project: options.project,
    config: run.tags,
    group: run.parent,
    jobType: run.job,
    name: run.name,
    notes: run.description,
    tags: Object.entries(run.tags)
      .map(([key, value]) => `${key}:${value}`)
      .filter((tag) => tag.length <= TAG_LENGTH),
    startedAt,
    commit: run.tags['git_sha'],
  }
}
