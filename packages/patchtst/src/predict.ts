import type { Tensor } from 'onnxruntime-node'
import { checkData, checkFits } from './check-data.ts'
import { checkCount } from './checks.ts'
import type { PatchTstConfig } from './config.ts'
import type { Device } from './engine/device.ts'
import { loadRuntime } from './engine/runtime.ts'
import { findDevice, openSession } from './engine/session.ts'
import type { PatchTstModel } from './model.ts'
import { inferenceGraph } from './network/inference-graph.ts'
import { isSeries } from './sequence-set.ts'
import type { TrainingData } from './sequence-set.ts'
import { feedSample } from './training/feed.ts'

/** Answers for samples in their order; of the heads that the model has. */
export interface Predictions {
  readonly samples: number
  /** (samples): chance of a break, given break or bounce. */
  readonly direction?: Float32Array
  /** (samples): signed excursion in $. */
  readonly strength?: Float32Array
  /** (samples x curves x horizons), row-major: chance that the threshold is reached by the horizon. */
  readonly reach?: Float32Array
  /** (samples x horizon x channels), row-major, in the units of the input. */
  readonly forecast?: Float32Array
}

/** How predictions are computed. */
export interface PredictOptions {
  /** Default 'cpu'. */
  readonly device?: Device
  /** Threads of one run on the CPU. Default 1. */
  readonly threads?: number
  /** Samples of one run. Default 64. */
  readonly batchSize?: number
}

/** A model that is loaded and waits for samples. */
export interface Predictor {
  readonly config: PatchTstConfig
  /** Where it runs. */
  readonly device: string
  /** Throws RangeError where the data are not what the model reads. Labels are not looked at. */
  readonly predict: (data: TrainingData) => Promise<Predictions>
  /** Frees the model. */
  readonly close: () => Promise<void>
}

/** A model, or a model file's content, whose own graph is then used. */
export type PredictorSource = PatchTstModel | { readonly model: PatchTstModel; readonly onnx: Uint8Array }

/** The names of outputs in the file, by those of {@link Predictions}. */
const OUTPUTS = {
  direction: 'break_probability',
  strength: 'strength',
  reach: 'reach_probability',
  forecast: 'forecast',
} as const

type OutputName = keyof typeof OUTPUTS

/** Loads a model for predictions. */
export async function createPredictor(source: PredictorSource, options: PredictOptions = {}): Promise<Predictor> {
  const { device = 'cpu', threads = 1, batchSize = 64 } = options
  checkCount('threads', threads, 1)
  checkCount('batchSize', batchSize, 1)
  const { model, onnx } = 'onnx' in source ? source : { model: source, onnx: inferenceGraph(source) }
  const { config } = model
  const runtime = await loadRuntime()
  const used = await findDevice(device)
  const session = await openSession(onnx, used, threads)
  return {
    config,
    device: used,
    predict: async (data) => {
      checkData(data)
      checkFits(config, data)
      const sizes = outputSizes(config)
      const results = Object.fromEntries(sizes.map(([name, size]) => [name, new Float32Array(data.samples * size)]))
      for (let from = 0; from < data.samples; from += batchSize) {
        const count = Math.min(batchSize, data.samples - from)
        const answer = await session.run(tensorsOf(runtime, feedsFor(config, data, from, count)))
        for (const [name, size] of sizes) results[name]?.set(floatsOf(answer[OUTPUTS[name]]), from * size)
      }
      return { samples: data.samples, ...results }
    },
    close: () => session.release(),
  }
}

/** Predicts once: {@link createPredictor}, one call, and closed. */
export async function predictPatchTst(
  model: PredictorSource,
  data: TrainingData,
  options: PredictOptions = {},
): Promise<Predictions> {
  const predictor = await createPredictor(model, options)
  try {
    return await predictor.predict(data)
  } finally {
    await predictor.close()
  }
}

function outputSizes({ tasks, channels }: PatchTstConfig): [OutputName, number][] {
  const list: [OutputName, number][] = []
  if (tasks.direction === true) list.push(['direction', 1])
  if (tasks.strength === true) list.push(['strength', 1])
  if (tasks.reach) list.push(['reach', tasks.reach.curves.length * tasks.reach.horizons.length])
  if (tasks.forecast !== undefined) list.push(['forecast', tasks.forecast * channels])
  return list
}

type Runtime = Awaited<ReturnType<typeof loadRuntime>>
/** An input of the graph. */
type Feed = readonly [name: string, values: Float32Array, shape: readonly number[]]

function feedsFor(config: PatchTstConfig, data: TrainingData, from: number, count: number): Feed[] {
  const { length, channels, statics } = config
  const arrays = {
    x: new Float32Array(count * length * channels),
    mask: new Float32Array(count * length),
    statics: new Float32Array(count * statics),
  }
  for (let place = 0; place < count; place++) feedSample(config, data, from + place, place, arrays)
  const feeds: Feed[] = [
    ['x', arrays.x, [count, length, channels]],
    ['mask', arrays.mask, [count, length]],
  ]
  if (statics > 0 && !isSeries(data)) feeds.push(['statics', arrays.statics, [count, statics]])
  return feeds
}

function tensorsOf(runtime: Runtime, feeds: readonly Feed[]): Record<string, Tensor> {
  return Object.fromEntries(feeds.map(([name, values, shape]) => [name, new runtime.Tensor('float32', values, shape)]))
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data
  throw new Error('patchtst: the model gave no 32-bit floats. Is the file one that saveModel wrote?')
}
