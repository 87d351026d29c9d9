import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '@breakwater/formats/node'
import { sha256 } from '@breakwater/trees/node'
import { z } from 'zod'
import type { SweepConfig } from './config.ts'
import type { TrialScore } from './score.ts'
import type { Trial } from './trials.ts'

const FORMAT = 'breakwater-sweep'
const VERSION = 1

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
})

/** What came of one trial: the value of the sweep's metric, or why there is none. */
export interface TrialResult extends Trial, TrialScore {
  readonly error: string | null
}

/** A sweep's folder: sweep.json, and trials/NNNN.json for each trial that is done. */
export interface SweepState {
  readonly run: string
  /** Whether an earlier process began it. */
  readonly resumed: boolean
  /** Results that need no second try, by trial. */
  readonly done: ReadonlyMap<number, TrialResult>
  readonly save: (result: TrialResult) => Promise<void>
}

/** Opens a sweep's folder, new or begun by the same config. Throws where another config began it. */
export async function openSweep(folder: string, config: SweepConfig, newRun: () => string): Promise<SweepState> {
  const path = join(folder, 'sweep.json')
  const trials = join(folder, 'trials')
  const configHash = sha256(Buffer.from(JSON.stringify(config)))
  await mkdir(trials, { recursive: true })
  const resumed = existsSync(path)
  const state = resumed
    ? stateSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    : ({ format: FORMAT, version: VERSION, configHash, run: newRun() } as const)
  if (state.configHash !== configHash) {
    throw new Error(`models: ${path}: was begun with another config. Continue with that one, or choose another folder.`)
  }
  if (!resumed) await replaceFile(path, `${JSON.stringify(state, null, 2)}\n`)
  const done = new Map<number, TrialResult>()
  for (const name of await readdir(trials)) {
    if (!/^\d+\.json$/.test(name)) continue
    const result = resultSchema.parse(JSON.parse(await readFile(join(trials, name), 'utf8')))
    if (result.error === null) done.set(result.number, result)
  }
  return {
    run: state.run,
    resumed,
    done,
    save: (result) => {
      const name = `${String(result.number).padStart(4, '0')}.json`
      return replaceFile(join(trials, name), `${JSON.stringify(result, null, 2)}\n`)
    },
  }
}
