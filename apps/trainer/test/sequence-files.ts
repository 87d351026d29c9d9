import { join } from 'node:path'
import { writeSequences } from '@breakwater/patchtst'
import { TASKS } from '@breakwater/models/patchtst'
import type { PatchTstRequest } from '../src/patchtst/train.ts'
import { uniforms } from './seeded.ts'

const MINUTE_NS = 60_000_000_000n

/** What {@link writeDay} writes. */
export interface DayOptions {
  readonly date: string
  readonly seed: number
  readonly samples?: number
  readonly channels?: readonly string[]
  readonly reach?: boolean
  readonly thresholds?: readonly [number, number]
  /** Every sample is a break. */
  readonly oneClass?: boolean
}

/** Writes a session of sequences whose label is the sign of the last return, and gives the file. */
export async function writeDay(
  folder: string,
  {
    date,
    seed,
    samples = 24,
    channels = ['close', 'volume'],
    reach = true,
    thresholds = [1, 2],
    oneClass = false,
  }: DayOptions,
): Promise<string> {
  const length = 12
  const next = uniforms(seed)
  const width = channels.length
  const x = Float32Array.from({ length: samples * length * width }, () => 100 + next())
  const last = (sample: number, back: number): number => x[((sample + 1) * length - 1 - back) * width] ?? 0
  const yBreak = Int8Array.from({ length: samples }, (_, i) => Number(oneClass || last(i, 0) > last(i, 1)))
  const open = BigInt(Date.parse(`${date}T15:00:00Z`)) * 1_000_000n
  const file = join(folder, `sequence_dataset_${date}.npz`)
  await writeSequences(file, {
    samples,
    length,
    channelNames: channels,
    x: [x],
    mask: new Uint8Array(samples * length).fill(1),
    staticNames: ['atr'],
    statics: Float32Array.from({ length: samples }, (_, i) => (i % 5 === 0 ? Number.NaN : next())),
    yBreak,
    yStrength: Float32Array.from(yBreak, (label) => 2 * label - 1),
    reach: reach
      ? { curves: ['t1', 't2'], horizons: [60, 120], values: Int8Array.from({ length: samples * 4 }, (_, i) => i % 2) }
      : null,
    eventIds: Array.from({ length: samples }, (_, i) => `SPY-${date}-${i}`),
    tsNs: BigInt64Array.from({ length: samples }, (_, i) => open + BigInt(i) * MINUTE_NS),
    metadata: JSON.stringify({ anchor: '4min', thresholds, signals_hash: 'abc' }),
  })
  return file
}

/** A training that takes a blink, on the files of {@link writeDay}. */
export const SMALL_TRAINING: PatchTstRequest = {
  keepVersions: 3,
  trainFiles: ['sequence_dataset_2025-12-0*.npz'],
  valFiles: ['sequence_dataset_2025-12-10.npz'],
  tasks: TASKS,
  model: { patchLength: 4, stride: 4, layers: 1, width: 8, heads: 2, feedForward: 16, dropout: 0.1, norm: 'batch' },
  fit: {
    epochs: 4,
    batchSize: 16,
    learningRate: 3e-3,
    weightDecay: 0.01,
    schedule: 'cosine',
    clipNorm: 1,
    patience: 10,
    seed: 3,
    device: 'cpu',
    threads: 1,
  },
  classWeights: 'none',
  lossWeights: { direction: 2 },
  pretrainEpochs: 0,
  headEpochs: 0,
  resume: false,
  outputDir: 'models',
  name: 'patchtst',
}
