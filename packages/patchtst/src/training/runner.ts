import type { Tensor } from 'onnxruntime-node'
import type { PatchTstConfig } from '../config.ts'
import type { UsedDevice } from '../engine/device.ts'
import { loadRuntime } from '../engine/runtime.ts'
import { openSession } from '../engine/session.ts'
import { sizeOf } from '../engine/shape.ts'
import { statisticsSize, weightLayout } from '../network/layout.ts'
import { lossNames } from '../network/loss.ts'
import type { StaticScaling } from '../network/parts.ts'
import { evaluationGraph, perSample, trainingGraph } from '../network/training-graph.ts'
import type { BuiltGraph } from '../network/training-graph.ts'
import { fillDropout } from './dropout.ts'
import { feed } from './feed.ts'
import type { FedData, FeedTask } from './feed.ts'
import { streamKey } from './random.ts'

/** A loaded graph with the arrays that are fed to it and that it fills; all are used again at every run. */
export interface Runner {
  readonly samples: number
  readonly gradient: Float32Array
  readonly statistics: Float32Array
  readonly losses: Float32Array
  /** Feeds the samples and runs the graph. */
  readonly run: (weights: Float32Array, statistics: Float32Array, task: RunTask) => Promise<void>
  readonly close: () => Promise<void>
}

/** Samples of one run, and the key of its dropout. */
export interface RunTask extends FeedTask {
  readonly dropoutKey: number
}

/** What runners of one training have in common. */
export interface RunnerSetting {
  readonly config: PatchTstConfig
  readonly scaling: StaticScaling
  readonly device: UsedDevice
  /** Whether the graphs read masks. */
  readonly masked: boolean
}

type Runtime = Awaited<ReturnType<typeof loadRuntime>>

/** Loads the graph of a micro-batch of `samples`, for training or for evaluation. */
export async function createRunner(
  { config, scaling, device, masked }: RunnerSetting,
  fed: FedData,
  samples: number,
  training: boolean,
): Promise<Runner> {
  const built = (training ? trainingGraph : evaluationGraph)(config, scaling, samples, masked)
  const runtime = await loadRuntime()
  const session = await openSession(built.bytes, device, 1)
  const arrays = inputArrays(built)
  const outputs = outputTensors(config, training, runtime)
  const drops = built.dropouts.map((input) => ({
    ...input,
    bytes: new Uint8Array(sizeOf(input.shape)),
    each: perSample(input, samples),
  }))
  const feeds: Record<string, Tensor> = {
    ...Object.fromEntries(
      built.inputs.map(({ name, shape }) => [name, new runtime.Tensor('float32', arrays[name] ?? [], shape)]),
    ),
    ...Object.fromEntries(drops.map(({ name, bytes, shape }) => [name, new runtime.Tensor('uint8', bytes, shape)])),
  }
  return {
    samples,
    gradient: outputs.gradient,
    statistics: outputs.statistics,
    losses: outputs.losses,
    run: async (weights, statistics, task) => {
      feed(config, fed, task, arrays)
      arrays['weights']?.set(weights)
      arrays['statistics']?.set(statistics)
      for (const [at, { bytes, each, of256 }] of drops.entries()) {
        fillDropout(bytes, each, of256, streamKey(task.dropoutKey, at), task.from)
      }
      await session.run(feeds, outputs.tensors)
    },
    close: () => session.release(),
  }
}

function inputArrays({ inputs }: BuiltGraph): Record<string, Float32Array> {
  return Object.fromEntries(inputs.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]))
}

function outputTensors(config: PatchTstConfig, training: boolean, runtime: Runtime) {
  const gradient = new Float32Array(training ? weightLayout(config).size : 0)
  const statistics = new Float32Array(training ? statisticsSize(config) : 0)
  const losses = new Float32Array(lossNames(config).length)
  const named = { losses, ...(training && { gradient }), ...(statistics.length > 0 && { statistics }) }
  const tensors = Object.fromEntries(
    Object.entries(named).map(([name, array]) => [name, new runtime.Tensor('float32', array, [array.length])]),
  )
  return { gradient, statistics, losses, tensors }
}
