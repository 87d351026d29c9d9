import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeSafetensors, encodeSafetensors } from '@breakwater/formats'
import { replaceFile } from '@breakwater/formats/node'
import { sha256 } from '@breakwater/trees/node'
import { z } from 'zod'
import type { SweepConfig } from './config.ts'
import type { Trial, TrialScore } from './trials.ts'

const FORMAT = 'breakwater-sweep'
const VERSION = 2

const stateSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  configHash: z.string(),
  /** Run of the whole sweep; its trials are parts of it. */
  run: z.string(),
})

const values = z.record(z.string(), z.union([z.string(), z.number(), z.tuple([z.number(), z.number()]).readonly()]))
const resultSchema: z.ZodType<TrialResult> = z.object({
  number: z.int(),
  signals: values,
  train: values,
  value: z.number().nullable(),
  folds: z.array(z.number().nullable()),
  error: z.string().nullable(),
  stopped: z.int().nullable().default(null),
})

/** What came of one trial: the value of the sweep's metric, or why there is none. */
export interface TrialResult extends Trial, TrialScore {
  readonly error: string | null
  /** Inner folds after which successive halving stopped it; null for one that was not. */
  readonly stopped: number | null
}

/** A trial that is done, with its forecasts of the scored rows; none where it failed. */
export interface FinishedTrial {
  readonly result: TrialResult
  readonly forecasts: Float64Array
}

/**
 * A sweep's folder: sweep.json, and for each trial that is done trials/NNNN.json with trials/NNNN.safetensors, its forecasts of
 * the scored rows.
 */
export interface SweepState {
  readonly run: string
  /** Whether an earlier process began it. */
  readonly resumed: boolean
  /** Results that need no second try, by trial. */
  readonly done: ReadonlyMap<number, FinishedTrial>
  readonly save: (trial: FinishedTrial) => Promise<void>
}

/** Opens a sweep's folder, new or begun by the same config. Throws where another config began it. */
export async function openSweep(folder: string, config: SweepConfig, newRun: () => string): Promise<SweepState> {
  const path = join(folder, 'sweep.json')
  const trials = join(folder, 'trials')
  const configHash = sha256(Buffer.from(JSON.stringify(config)))
  await mkdir(trials, { recursive: true })
  const resumed = existsSync(path)
  const state = resumed
    ? readState(path, await readFile(path, 'utf8'))
    : ({ format: FORMAT, version: VERSION, configHash, run: newRun() } as const)
  if (state.configHash !== configHash) {
    throw new Error(`models: ${path}: was begun with another config. Continue with that one, or choose another folder.`)
  }
  if (!resumed) await replaceFile(path, `${JSON.stringify(state, null, 2)}\n`)
  const done = new Map<number, FinishedTrial>()
  for (const name of await readdir(trials)) {
    if (!/^\d+\.json$/.test(name)) continue
    const result = resultSchema.parse(JSON.parse(await readFile(join(trials, name), 'utf8')))
    if (result.error !== null) continue
    const forecasts = await readForecasts(join(trials, name.replace('.json', '.safetensors')))
    done.set(result.number, { result, forecasts })
  }
  return {
    run: state.run,
    resumed,
    done,
    save: async ({ result, forecasts }) => {
      const name = join(trials, String(result.number).padStart(4, '0'))
      const tensors = new Map([['forecasts', { shape: [forecasts.length], data: forecasts }]])
      // A trial is done once its JSON stands.
      await replaceFile(`${name}.safetensors`, encodeSafetensors(tensors, {}))
      await replaceFile(`${name}.json`, `${JSON.stringify(result, null, 2)}\n`)
    },
  }
}

function readState(path: string, text: string): z.infer<typeof stateSchema> {
  const read = stateSchema.safeParse(JSON.parse(text))
  if (read.success) return read.data
  throw new Error(`models: ${path}: was begun by another version. Choose another folder.`, { cause: read.error })
}

async function readForecasts(path: string): Promise<Float64Array> {
  const refuse = (why: string, cause?: unknown): Error =>
    new Error(`models: ${path}: ${why}. Remove the trial's files and run the sweep again.`, { cause })
  const forecasts = decodeSafetensors(await readFile(path), refuse).tensors.get('forecasts')?.data
  if (forecasts instanceof Float64Array) return forecasts
  throw refuse('has no forecasts')
}
