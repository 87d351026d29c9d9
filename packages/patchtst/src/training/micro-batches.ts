/** A run of samples of a batch, one run of the graph. */
export interface MicroBatch {
  readonly from: number
  readonly count: number
}

/** Sums of gradients that are kept apart and then added in order, so that the result does not depend on threads. */
export const LANES = 8

/** Samples that the graph of a micro-batch holds at most: its activations then stay in a processor's cache. */
export const MICRO_BATCH = 16

/** A batch cut into micro-batches of at most `most` samples, whose sizes differ by one at most. */
export function microBatches(samples: number, most: number): MicroBatch[] {
  const parts = Math.ceil(samples / most)
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((samples * part) / parts)
    return { from, count: Math.floor((samples * (part + 1)) / parts) - from }
  })
}

/** Part `part` of `parts` nearly equal, consecutive parts of `count` things: [from, to). */
export function shareOf(count: number, part: number, parts: number): [from: number, to: number] {
  return [Math.floor((count * part) / parts), Math.floor((count * (part + 1)) / parts)]
}
