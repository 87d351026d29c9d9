import { adamW } from './adamw.ts'
import type { FedData } from './feed.ts'
import { LANES, microBatches, shareOf } from './micro-batches.ts'
import type { MicroBatch } from './micro-batches.ts'
import { createRunner } from './runner.ts'
import type { RunnerSetting, Runner } from './runner.ts'
import { BLOCK } from './state.ts'
import type { TrainingState } from './state.ts'
import { streamKey } from './random.ts'

/** What a thread of a training is started with; its arrays are shared. */
export interface MemberInput extends RunnerSetting {
  readonly state: TrainingState
  readonly train: FedData
  readonly validation: FedData | undefined
  /** Its place among the threads. */
  readonly index: number
  readonly threads: number
  readonly microBatch: number
  readonly seed: number
  readonly maskRatio: number
}

/** Part of a step or of an evaluation. */
export type MemberTask =
  | {
      readonly kind: 'gradients'
      readonly step: number
      /** Places in the epoch's order: [from, from + count). */
      readonly from: number
      readonly count: number
      readonly factors: readonly number[]
    }
  | { readonly kind: 'reduce' }
  | { readonly kind: 'update'; readonly parts: readonly UpdatePart[] }
  | { readonly kind: 'evaluate' }

/** AdamW on the weights [from, to). */
export interface UpdatePart {
  readonly from: number
  readonly to: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly t: number
  readonly scale: number
}

/** One thread's work, here or in a worker. */
export interface Member {
  readonly work: (task: MemberTask) => Promise<void>
  readonly close: () => Promise<void>
}

const DROPOUT_STREAM = 1
const HIDE_STREAM = 2
/** Every evaluation hides the same patches. */
const EVALUATION_STEP = -1

/** A member of the team that trains: it runs its lanes' micro-batches and updates its share of the weights. */
export function createMember(input: MemberInput): Member {
  const runners = new Map<string, Promise<Runner>>()
  const runner = (fed: FedData, samples: number, training: boolean): Promise<Runner> => {
    const key = `${samples} ${training}`
    const known = runners.get(key) ?? createRunner(input, fed, samples, training)
    runners.set(key, known)
    return known
  }
  return {
    work: async (task) => {
      if (task.kind === 'gradients') await gradientsOf(input, task, (samples) => runner(input.train, samples, true))
      else if (task.kind === 'evaluate') await evaluate(input, (fed, samples) => runner(fed, samples, false))
      else if (task.kind === 'reduce') reduce(input)
      else for (const part of task.parts) update(input, part)
    },
    close: async () => {
      // One that failed to load has reported its error already, and holds nothing.
      for (const each of await Promise.allSettled(runners.values())) {
        if (each.status === 'fulfilled') await each.value.close()
      }
    },
  }
}

type GradientTask = Extract<MemberTask, { kind: 'gradients' }>

async function gradientsOf(
  input: MemberInput,
  task: GradientTask,
  runner: (samples: number) => Promise<Runner>,
): Promise<void> {
  const { state, index, threads, microBatch } = input
  const all = microBatches(task.count, microBatch)
  const [firstLane, endLane] = shareOf(LANES, index, threads)
  for (let lane = firstLane; lane < endLane; lane++) {
    state.lanes[lane]?.fill(0)
    state.losses[lane]?.fill(0)
    const [from, to] = shareOf(all.length, lane, LANES)
    for (const micro of all.slice(from, to)) await addMicroBatch(input, task, lane, micro, await runner(micro.count))
  }
}

async function addMicroBatch(
  { state, seed, maskRatio }: MemberInput,
  { step, from, count, factors }: GradientTask,
  lane: number,
  micro: MicroBatch,
  runner: Runner,
): Promise<void> {
  await runner.run(state.weights, state.statistics, {
    rows: state.order.subarray(from, from + count),
    ...micro,
    factors,
    maskRatio,
    dropoutKey: streamKey(seed, DROPOUT_STREAM, step),
    hideKey: streamKey(seed, HIDE_STREAM, step),
  })
  const [sums, losses] = [state.lanes[lane], state.losses[lane]]
  if (sums === undefined || losses === undefined) return
  const { gradient, statistics } = runner
  for (let i = 0; i < gradient.length; i++) sums[i] = (sums[i] ?? 0) + (gradient[i] ?? 0)
  const share = micro.count / count
  for (let i = 0; i < statistics.length; i++) {
    const at = gradient.length + i
    sums[at] = (sums[at] ?? 0) + share * (statistics[i] ?? 0)
  }
  for (let i = 0; i < losses.length; i++) losses[i] = (losses[i] ?? 0) + (runner.losses[i] ?? 0)
}

/** Adds the lanes in order for this member's blocks of weights, and squares them. */
function reduce({ state: { lanes, gradient, squares }, index, threads }: MemberInput): void {
  const [firstBlock, endBlock] = shareOf(squares.length, index, threads)
  for (let block = firstBlock; block < endBlock; block++) {
    let square = 0
    const end = Math.min(gradient.length, (block + 1) * BLOCK)
    for (let i = block * BLOCK; i < end; i++) {
      let sum = 0
      for (const lane of lanes) sum += lane[i] ?? 0
      gradient[i] = sum
      square += sum * sum
    }
    squares[block] = square
  }
}

function update({ state, index, threads }: MemberInput, part: UpdatePart): void {
  const [from, to] = shareOf(part.to - part.from, index, threads)
  adamW(state, part, part.from + from, part.from + to)
}

async function evaluate(
  { state, validation, index, threads, microBatch, seed, maskRatio }: MemberInput,
  runner: (fed: FedData, samples: number) => Promise<Runner>,
): Promise<void> {
  if (validation === undefined) return
  const { samples } = validation.data
  const rows = Int32Array.from({ length: samples }, (_, row) => row)
  const micros = microBatches(samples, microBatch)
  const losses = state.evaluated.length / micros.length
  const factors = Array.from({ length: losses }, () => 1)
  const key = streamKey(seed, HIDE_STREAM, EVALUATION_STEP)
  const [first, end] = shareOf(micros.length, index, threads)
  for (const [i, micro] of micros.slice(first, end).entries()) {
    // Smaller micro-batches run in the graph of the largest: stored statistics do not see its padding.
    const run = await runner(validation, Math.min(samples, Math.ceil(samples / micros.length)))
    await run.run(state.weights, state.statistics, { rows, ...micro, factors, maskRatio, dropoutKey: 0, hideKey: key })
    for (const [loss, value] of run.losses.entries()) state.evaluated[(first + i) * losses + loss] = value
  }
}
