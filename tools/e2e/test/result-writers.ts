import { join } from 'node:path'
import type { Table } from '@breakwater/features'
import { writeTable } from '@breakwater/features/parquet'
import { saveModel, trainPatchTst, writeSequences } from '@breakwater/patchtst'
import type { SequenceSet } from '@breakwater/patchtst'
import { fitIndex, REACH_NAMES } from '@breakwater/retrieval'
import { saveIndex } from '@breakwater/retrieval/node'
import { trainBoosted } from '@breakwater/trees'
import { writeBundles } from '@breakwater/trees/node'

/** Writes one set of results into a folder; the same files with the same bytes at each call. */
export type WriteResults = (folder: string) => Promise<unknown>

const ROWS = 3000
const wave = (i: number): number => Math.sin(i * 12.9898) * 43_758.5453

const floats = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => wave(i) % 1)

/** The writers of all packages, each with results of some hundred kilobytes. */
export async function resultWriters(): Promise<readonly (readonly [name: string, write: WriteResults])[]> {
  return [
    ['a signals table', (folder) => writeTable(join(folder, 'signals.parquet'), table())],
    ['a set of bundles', await bundles()],
    ['an index', index()],
    ['a sequence model', await model()],
    ['a sequence file', sequences()],
  ]
}

function table(): Table {
  const columns = Array.from({ length: 10 }, (_, c): [string, Table['columns'][string]] => [
    `x${c}`,
    { type: 'number', values: Float64Array.from(floats(ROWS), (x) => x * (c + 1)) },
  ])
  return { rows: ROWS, columns: Object.fromEntries(columns) }
}

async function bundles(): Promise<WriteResults> {
  const labels = Float32Array.from({ length: ROWS }, (_, i) => Number(wave(i) % 1 > 0.1))
  const trained = await trainBoosted({ columns: ['a', 'b'], rows: ROWS, values: floats(2 * ROWS) }, labels, {
    rounds: 40,
  })
  if (trained.status === 'skipped') throw new Error(trained.reason)
  const { model: trees } = trained
  const heads = ['direction', 'tradeable_2', 't1_60s', 't1_120s']
  const set = { stage: 'stage_b', ablation: 'full', timestamp: '2025-01-07T00:00:00.000Z' }
  return (folder) =>
    writeBundles(folder, {
      ...set,
      skipped: [],
      details: {},
      bundles: heads.map((head) => ({
        model: trees,
        description: {
          ...set,
          head,
          anchor: '4min',
          features: ['a', 'b'],
          encoder: {},
          dates: { train: ['2025-01-02'], validation: ['2025-01-03'], calibration: [], test: [] },
          metrics: null,
          dataHash: 'ab',
          gitSha: null,
          libraryVersion: '0.0.0',
          schemaVersion: '2',
          calibrator: null,
        },
      })),
    })
}

function index(): WriteResults {
  const tsNs = BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i) * 60_000_000_000n)
  const one = { codes: new Int32Array(ROWS), dictionary: ['one'] }
  const each = { codes: Int32Array.from({ length: ROWS }, (_, i) => i), dictionary: tsNs.toString().split(',') }
  const numbers = new Float32Array(ROWS)
  const fitted = fitIndex(
    { columns: ['a', 'b', 'c', 'd', 'e', 'f'], rows: ROWS, values: floats(6 * ROWS) },
    {
      outcome: new Int8Array(ROWS),
      tradeable2: numbers,
      strengthSigned: numbers,
      strengthAbs: numbers,
      times: Object.fromEntries(REACH_NAMES.map((name) => [name, numbers])) as Record<
        (typeof REACH_NAMES)[number],
        Float32Array
      >,
      observed: numbers,
    },
    {
      eventIds: each.dictionary,
      tsNs,
      resolvedNs: tsNs.map((at) => at + 60_000_000_000n),
      levelKindName: one,
      direction: one,
      gammaBucket: one,
      episode: each,
      session: { codes: Int32Array.from({ length: ROWS }, (_, i) => i % 9), dictionary: Array.from('abcdefghi') },
    },
  )
  return (folder) => saveIndex(join(folder, 'index.safetensors'), fitted)
}

async function model(): Promise<WriteResults> {
  const [samples, length] = [60, 24]
  const set: SequenceSet = {
    source: 'waves',
    samples,
    length,
    channels: 1,
    channelNames: ['close'],
    x: floats(samples * length),
    mask: new Uint8Array(samples * length).fill(1),
    statics: 0,
    staticNames: [],
    staticValues: new Float32Array(),
    labels: { direction: Int8Array.from({ length: samples }, (_, i) => i % 2) },
  }
  const trained = await trainPatchTst(set, undefined, {
    tasks: { direction: true },
    model: { patchLength: 6, stride: 3, layers: 2, width: 32, heads: 2, feedForward: 64 },
    epochs: 1,
    batchSize: 20,
    threads: 1,
  })
  return (folder) => saveModel(join(folder, 'patchtst.onnx'), trained.model)
}

function sequences(): WriteResults {
  const [samples, length] = [100, 60]
  return (folder) =>
    writeSequences(join(folder, 'sequences.npz'), {
      samples,
      length,
      channelNames: ['close', 'volume'],
      x: [floats(samples * length * 2)],
      mask: new Uint8Array(samples * length).fill(1),
      staticNames: ['minute'],
      statics: floats(samples),
      yBreak: new Int8Array(samples),
      yStrength: floats(samples),
      reach: null,
      eventIds: Array.from({ length: samples }, (_, i) => `event ${i}`),
      tsNs: BigInt64Array.from({ length: samples }, (_, i) => BigInt(i)),
      metadata: '',
    })
}
