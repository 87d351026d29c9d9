import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { decodeSafetensors, encodeSafetensors } from '@breakwater/formats'
import { replaceFile } from '@breakwater/formats/node'
import { z } from 'zod'
import type { EpochReport } from '../options.ts'
import { isSeries } from '../sequence-set.ts'
import type { TrainingData } from '../sequence-set.ts'
import type { TrainingState } from './state.ts'

/** Weights that were best, with the statistics they were used with. */
export interface BestWeights {
  readonly weights: Float32Array
  readonly statistics: Float32Array
}

/** How far a training has come. */
export interface Progress {
  readonly history: readonly EpochReport[]
  readonly best: BestWeights
}

const FORMAT = 'breakwater-patchtst-checkpoint 1'

const reports = z.array(
  z.object({
    epoch: z.number(),
    epochs: z.number(),
    trainLoss: z.number(),
    validationLoss: z.number().optional(),
    validationLosses: z.record(z.string(), z.number()),
    learningRate: z.number(),
    best: z.boolean(),
  }),
)

/** A hash of all that decides a training's numbers: settings, first weights and data. */
export function fingerprintOf(
  settings: unknown,
  start: Float32Array,
  data: readonly (TrainingData | undefined)[],
): string {
  const hash = createHash('sha256').update(JSON.stringify(settings)).update(bytesOf(start))
  for (const each of data) {
    hash.update('data')
    if (each !== undefined) for (const array of arraysOf(each)) hash.update(bytesOf(array))
  }
  return hash.digest('hex')
}

function arraysOf(data: TrainingData): ArrayBufferView[] {
  if (isSeries(data)) return [Float64Array.of(data.from, data.samples, data.length, data.horizon), data.series]
  const { direction, strength, reach, future } = data.labels
  const labels = [direction, strength, reach, future].filter((label) => label !== undefined)
  return [data.x, data.mask, data.staticValues, ...labels]
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Keeps the state after an epoch, whole or not at all. */
export async function saveCheckpoint(
  path: string,
  fingerprint: string,
  state: TrainingState,
  { history, best }: Progress,
): Promise<void> {
  const named = { ...arraysOfState(state), 'best.weights': best.weights, 'best.statistics': best.statistics }
  const tensors = new Map(Object.entries(named).map(([name, data]) => [name, { shape: [data.length], data }]))
  const metadata = { format: FORMAT, fingerprint, history: JSON.stringify(history) }
  await replaceFile(path, encodeSafetensors(tensors, metadata))
}

/**
 * Puts a checkpoint's state back, and gives how far it had come; undefined where the file does not exist. Throws where it
 * belongs to another training or is not whole.
 */
export function loadCheckpoint(path: string, fingerprint: string, state: TrainingState): Progress | undefined {
  if (!existsSync(path)) return undefined
  const { metadata, tensors } = decodeSafetensors(readFileSync(path), (why, cause) => notWhole(path, why, cause))
  if (metadata['format'] !== FORMAT) {
    throw new Error(`patchtst: ${path}: is not a checkpoint of a training (${FORMAT}). Choose another path.`)
  }
  if (metadata['fingerprint'] !== fingerprint) {
    throw new Error(
      `patchtst: ${path}: this checkpoint is of other data or settings. Choose another path, or remove it to start again.`,
    )
  }
  const take = (name: string, length: number): Float32Array => {
    const data = tensors.get(name)?.data
    if (data instanceof Float32Array && data.length === length) return data
    throw new Error(`patchtst: ${path}: this checkpoint has no tensor ${name} of ${length} numbers. Remove it.`)
  }
  for (const [name, array] of Object.entries(arraysOfState(state))) array.set(take(name, array.length))
  const best = {
    weights: take('best.weights', state.weights.length),
    statistics: take('best.statistics', state.statistics.length),
  }
  return { history: historyOf(metadata['history'], path), best }
}

function arraysOfState({ weights, m, v, statistics }: TrainingState): Record<string, Float32Array> {
  return { weights, m, v, statistics }
}

function historyOf(text: string | undefined, path: string): EpochReport[] {
  try {
    const list = reports.parse(JSON.parse(text ?? ''))
    return list.map(({ validationLoss, ...report }) => ({ ...report, validationLoss }))
  } catch (cause) {
    throw new Error(`patchtst: ${path}: the history in this checkpoint cannot be read. Remove it.`, { cause })
  }
}

function notWhole(path: string, why: string, cause: unknown): Error {
  return new Error(`patchtst: ${path}: is not a whole checkpoint: ${why}. Remove it to start again.`, { cause })
}
