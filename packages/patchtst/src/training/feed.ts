import type { PatchTstConfig } from '../config.ts'
import { isSeries } from '../sequence-set.ts'
import type { SequenceSet, SeriesWindows, TrainingData } from '../sequence-set.ts'
import { hidePatches } from './hidden-patches.ts'
import type { PatchCover } from './hidden-patches.ts'
import { targetOf, weightOf } from './labels.ts'
import type { LabelWeights } from './labels.ts'
import { streamKey } from './random.ts'

/** The arrays of a graph's inputs by name; those it lacks are not filled. */
export type InputArrays = Readonly<Record<string, Float32Array | undefined>>

/** Data with all that is needed to feed them. */
export interface FedData {
  readonly data: TrainingData
  readonly labels: readonly LabelWeights[]
  /** For reconstruction; undefined without. */
  readonly cover: PatchCover | undefined
}

/** Which samples are fed and how they count. */
export interface FeedTask {
  /** Samples in the order of the batch. */
  readonly rows: Int32Array
  /** The first of them to feed, and how many; places of the graph beyond are padded with the last sample and weigh 0. */
  readonly from: number
  readonly count: number
  /** What a label of weight 1 counts in the loss, by the order of the losses. */
  readonly factors: readonly number[]
  /** Chooses hidden patches. */
  readonly hideKey: number
  readonly maskRatio: number
}

/** Writes samples and their labels into the inputs of a graph. */
export function feed(config: PatchTstConfig, fed: FedData, task: FeedTask, inputs: InputArrays): void {
  const { x } = inputs
  const places = x === undefined ? 0 : x.length / (config.length * config.channels)
  for (let place = 0; place < places; place++) {
    const padded = place >= task.count
    const sample = task.rows[task.from + Math.min(place, task.count - 1)] ?? 0
    feedSample(config, fed.data, sample, place, inputs)
    for (const [head, label] of fed.labels.entries()) {
      feedLabel(fed.data, label, padded ? 0 : (task.factors[head] ?? 0), sample, place, inputs)
    }
    if (fed.cover !== undefined) feedHidden(config, fed.cover, task, sample, place, padded, inputs)
  }
}

/** Writes one sample into place `place` of the inputs that are there. */
export function feedSample(
  { length, channels }: PatchTstConfig,
  data: TrainingData,
  sample: number,
  place: number,
  { x, mask, statics }: InputArrays,
): void {
  const size = length * channels
  if (isSeries(data)) {
    const start = (data.from + sample) * channels
    x?.set(data.series.subarray(start, start + size), place * size)
    mask?.fill(1, place * length, (place + 1) * length)
    return
  }
  x?.set(data.x.subarray(sample * size, (sample + 1) * size), place * size)
  mask?.set(data.mask.subarray(sample * length, (sample + 1) * length), place * length)
  statics?.set(data.staticValues.subarray(sample * data.statics, (sample + 1) * data.statics), place * data.statics)
}

function feedLabel(
  data: TrainingData,
  label: LabelWeights,
  factor: number,
  sample: number,
  place: number,
  inputs: InputArrays,
): void {
  const target = inputs[`${label.name}.target`]
  const weight = inputs[`${label.name}.weight`]
  if (target === undefined || weight === undefined) return
  const at = place * label.size
  if (isSeries(data)) {
    target.set(futureOf(data, sample), at)
    weight.fill(factor, at, at + label.size)
    return
  }
  feedSetLabel(data, label, factor, sample, at, target, weight)
}

function feedSetLabel(
  set: SequenceSet,
  label: LabelWeights,
  factor: number,
  sample: number,
  at: number,
  target: Float32Array,
  weight: Float32Array,
): void {
  for (let i = 0; i < label.size; i++) {
    const element = sample * label.size + i
    target[at + i] = targetOf(set, label.name, element)
    weight[at + i] = factor * weightOf(set, label.name, element, label)
  }
}

function futureOf({ series, from, length, horizon, channels }: SeriesWindows, sample: number): Float32Array {
  const start = (from + sample + length) * channels
  return series.subarray(start, start + horizon * channels)
}

function feedHidden(
  { channels }: PatchTstConfig,
  { count, observed }: PatchCover,
  { from, factors, hideKey, maskRatio }: FeedTask,
  sample: number,
  place: number,
  padded: boolean,
  inputs: InputArrays,
): void {
  const hide = inputs['hide']
  const weight = inputs['reconstruct.weight']
  if (hide === undefined || weight === undefined) return
  const share = padded ? 0 : (factors.at(-1) ?? 0)
  const own = observed?.subarray(sample * count, (sample + 1) * count)
  for (let channel = 0; channel < channels; channel++) {
    const at = (place * channels + channel) * count
    const key = streamKey(hideKey, from + place, channel)
    hidePatches(hide.subarray(at, at + count), weight.subarray(at, at + count), own, { ratio: maskRatio, key, share })
  }
}
