import { createScorer, encodeBundle, predictHeads, predictRowRaw } from '@breakwater/trees'
import type { Bundle, ScoreEngine, TreeModel } from '@breakwater/trees'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { COLUMNS } from './data.ts'
import { joinEnsembles } from './multi-target.ts'
import { naiveHead, naiveScores } from './naive-scorer.ts'

/** Heads and rows of one call. */
export const HEADS = 36
export const ROWS = 8

/** Raw scores of one batch (row after row), `[head * ROWS + row]`. */
export type Scorer = (batch: Float32Array) => Promise<ArrayLike<number>> | ArrayLike<number>

/**
 * The ways to score all heads by name, the naive one, which the others are checked against, first. ONNX Runtime has one
 * thread and sums in 64 bits.
 */
export async function scorersOf(
  models: readonly TreeModel[],
  bundles: readonly Bundle[],
): Promise<Map<string, Scorer>> {
  const columns = models[0]?.columns ?? []
  const out = new Float64Array(HEADS * ROWS)
  const naive = models.map((model) => naiveHead(model))
  const files = bundles.map((bundle) => encodeBundle(bundle))
  const single = await Promise.all(files.map((file) => session(file)))
  const joined = await session(joinEnsembles(files))
  return new Map<string, Scorer>([
    ['naive JavaScript, row by row', (batch) => naiveScores(naive, batch, COLUMNS)],
    ['createScorer', packed(models, 'wasm', ROWS)],
    ['createScorer, the reference', packed(models, 'reference', ROWS)],
    ['createScorer, a call a row', packed(models, 'wasm', 1)],
    ['predictHeads', (values) => predictHeads(models, { columns, rows: ROWS, values, layout: 'rows' }, out)],
    ['predictRowRaw, a call a row and head', (batch) => rowByRow(models, batch, out)],
    ['ONNX Runtime, one ensemble of 36 targets', async (batch) => transposed(await rawOf(joined, batch))],
    ['ONNX Runtime, 36 ensembles', async (batch) => oneByOne(single, batch)],
  ])
}

/** A scorer called with `rows` rows at a time. */
function packed(models: readonly TreeModel[], engine: ScoreEngine, rows: number): Scorer {
  const scorer = createScorer(models, { engine })
  const out = new Float64Array(HEADS * ROWS)
  const part = new Float64Array(HEADS * rows)
  if (rows === ROWS) {
    return (batch) => {
      scorer.score(batch, ROWS, out)
      return out
    }
  }
  return (batch) => {
    for (let from = 0; from < ROWS; from += rows) {
      scorer.score(batch.subarray(from * COLUMNS), rows, part)
      for (let i = 0; i < part.length; i++) out[Math.floor(i / rows) * ROWS + from + (i % rows)] = part[i] ?? NaN
    }
    return out
  }
}

function session(file: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 })
}

async function rawOf(model: InferenceSession, batch: Float32Array): Promise<Float32Array> {
  const { raw } = await model.run({ features: new Tensor('float32', batch, [ROWS, COLUMNS]) }, ['raw'])
  if (!(raw?.data instanceof Float32Array)) throw new Error('bench: ONNX Runtime gave no raw scores')
  return raw.data
}

async function oneByOne(sessions: readonly InferenceSession[], batch: Float32Array): Promise<Float64Array> {
  const out = new Float64Array(HEADS * ROWS)
  for (const [h, model] of sessions.entries()) out.set(await rawOf(model, batch), h * ROWS)
  return out
}

/** From a row after another to a head after another. */
const transposed = (raw: Float32Array): Float64Array =>
  Float64Array.from(raw, (_, i) => raw[(i % ROWS) * HEADS + Math.floor(i / ROWS)] ?? Number.NaN)

function rowByRow(models: readonly TreeModel[], batch: Float32Array, out: Float64Array): Float64Array {
  for (const [h, model] of models.entries()) {
    for (let r = 0; r < ROWS; r++) out[h * ROWS + r] = predictRowRaw(model, batch, r * COLUMNS)
  }
  return out
}
