import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { decodeModel, encodeSafetensors } from '@breakwater/formats'
import type { OnnxModel, Tensor } from '@breakwater/formats'
import { replaceFile } from '@breakwater/formats/node'
import { configFromJson } from './config-json.ts'
import type { PatchTstConfig } from './config.ts'
import type { PatchTstModel } from './model.ts'
import { inferenceGraph } from './network/inference-graph.ts'
import { statisticsSize, weightLayout } from './network/layout.ts'

/** One written file. */
export interface SavedFile {
  readonly path: string
  /** SHA-256 of the whole file, 64 lower-case hex digits. */
  readonly sha256: string
}

/** What {@link saveModel} wrote. */
export interface SavedModel {
  /** The model: standard ONNX, its description in the metadata. */
  readonly onnx: SavedFile
  /** The same weights and description, for other tools. */
  readonly weights: SavedFile
}

/** What a model file holds. */
export interface LoadedModel {
  readonly model: PatchTstModel
  /** Strings that were saved beside it. */
  readonly details: Readonly<Record<string, string>>
  /** The file's bytes: its own graph serves predictions. */
  readonly onnx: Uint8Array
}

/** Key of the description in the file's metadata; other keys are details. */
const CONFIG_KEY = 'patchtst'

/**
 * Writes a model as `path`, which ends with .onnx, and its weights beside it as .safetensors, each whole or
 * not at all. `details` (dates, metrics, hashes) become metadata of both. The same model gives the same bytes.
 */
export async function saveModel(
  path: string,
  model: PatchTstModel,
  details: Readonly<Record<string, string>> = {},
): Promise<SavedModel> {
  if (!path.endsWith('.onnx')) throw new RangeError(`patchtst: path=${path}: must end with .onnx.`)
  if (CONFIG_KEY in details)
    throw new RangeError(`patchtst: details.${CONFIG_KEY}: is the model's own. Choose another name.`)
  if (model.config.tasks.reconstruct === true) {
    throw new RangeError(
      'patchtst: model: a pre-trained encoder has no heads yet. Fine-tune it with trainPatchTst first.',
    )
  }
  const metadata = { [CONFIG_KEY]: JSON.stringify(model.config), ...details }
  const onnx = inferenceGraph(model, new Map(Object.entries(metadata)))
  const weights = encodeSafetensors(namedTensors(model), metadata)
  return {
    weights: await write(path.replace(/\.onnx$/, '.safetensors'), weights),
    onnx: await write(path, [onnx]),
  }
}

async function write(path: string, pieces: readonly Uint8Array[]): Promise<SavedFile> {
  await replaceFile(path, pieces)
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return { path, sha256: hash.digest('hex') }
}

/** Reads a model file; checks its description and every tensor, runs no code. */
export async function loadModel(path: string): Promise<LoadedModel> {
  const onnx = new Uint8Array(await readFile(path))
  const file = decodeFile(onnx, path)
  const text = file.metadata.get(CONFIG_KEY)
  if (text === undefined) throw foreign(path, `its metadata have no ${CONFIG_KEY}`)
  const config = configFromJson(text, (why, cause) => foreign(path, why, cause))
  const tensors = new Map(
    file.graph.initializers.flatMap((tensor) => (tensor.type === 'float' ? [[tensor.name, tensor.values]] : [])),
  )
  const take = (name: string, size: number): Float32Array => {
    const values = tensors.get(name)
    if (values?.length === size) return values
    throw foreign(path, `it has no tensor ${name} of ${size} numbers`)
  }
  const details = Object.fromEntries([...file.metadata].filter(([key]) => key !== CONFIG_KEY))
  return { model: modelFrom(config, take), details, onnx }
}

function decodeFile(bytes: Uint8Array, path: string): OnnxModel {
  try {
    return decodeModel(bytes)
  } catch (cause) {
    throw foreign(path, 'it is not a whole ONNX file', cause)
  }
}

function modelFrom(config: PatchTstConfig, take: (name: string, size: number) => Float32Array): PatchTstModel {
  const { places, size } = weightLayout(config)
  const weights = new Float32Array(size)
  for (const place of places) weights.set(take(place.name, place.size), place.offset)
  const statistics = statisticsSize(config)
  const { statics } = config
  const none = new Float32Array()
  return {
    config,
    weights,
    statistics: statistics > 0 ? take('norm.statistics', statistics) : none,
    staticMean: statics > 0 ? take('statics.mean', statics) : none,
    staticScale: statics > 0 ? take('statics.scale', statics) : none,
  }
}

/** A model's numbers by name: learnt weights, then what is kept beside them. */
function namedTensors({ config, weights, statistics, staticMean, staticScale }: PatchTstModel): Map<string, Tensor> {
  const learnt = weightLayout(config).places.map(({ name, shape, offset, size }): [string, Tensor] => [
    name,
    { shape, data: weights.subarray(offset, offset + size) },
  ])
  const kept = { 'norm.statistics': statistics, 'statics.mean': staticMean, 'statics.scale': staticScale }
  const others = Object.entries(kept).filter(([, data]) => data.length > 0)
  return new Map([...learnt, ...others.map(([name, data]): [string, Tensor] => [name, { shape: [data.length], data }])])
}

function foreign(path: string, why: string, cause?: unknown): Error {
  return new Error(`patchtst: ${path}: is not a PatchTST model: ${why}. Pass a file that saveModel wrote.`, { cause })
}
