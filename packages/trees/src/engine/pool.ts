import type { Kernel } from './kernel.ts'

/**
 * Threads that share the search of one node: the leader writes the request to the control block, every thread (the leader
 * too) searches its own blocks, and the leader continues when all have finished. Histograms are exact, so the result is that
 * of one thread.
 */
export interface ThreadPool {
  /** {@link CONTROL_WORDS} integers in shared memory. */
  readonly control: Int32Array
  /** Threads, the leader among them. */
  readonly threads: number
  readonly blocks: number
}

/** Places in the control block: a count of requests, the workers that have finished, and the request. */
const REQUESTS = 0
const FINISHED = 1
const REQUEST = 2
/** Integers of a control block. */
export const CONTROL_WORDS = 8

/** Nodes of fewer rows are searched by the leader alone: waking the others would cost more. */
const SHARED_ROWS = 4096

/** Times that a thread polls before it goes to sleep. */
const POLLS = 2000

/** The blocks of a thread, half-open; thread 0 is the leader. */
function blocksOf({ threads, blocks }: ThreadPool, thread: number): readonly [number, number] {
  return [Math.floor((thread * blocks) / threads), Math.floor(((thread + 1) * blocks) / threads)]
}

/** `Kernel.search` over all blocks, shared with the pool's workers where the node is large. */
export function leadSearch(
  pool: ThreadPool,
  kernel: Kernel,
): (...request: readonly [number, number, number, number, number]) => void {
  const { control, threads, blocks } = pool
  const [, own] = blocksOf(pool, 0)
  return (from, to, histogram, parent, flags) => {
    if (threads === 1 || to - from < SHARED_ROWS) {
      kernel.search(from, to, histogram, parent, 0, blocks, flags)
      return
    }
    control.set([from, to, histogram, parent, flags], REQUEST)
    Atomics.store(control, FINISHED, 0)
    Atomics.add(control, REQUESTS, 1)
    Atomics.notify(control, REQUESTS)
    kernel.search(from, to, histogram, parent, 0, own, flags)
    for (let done = Atomics.load(control, FINISHED); done < threads - 1;) done = changed(control, FINISHED, done)
  }
}

/** Answers the leader's requests until the thread is stopped; `thread` counts from 1. */
export function serveRequests(pool: ThreadPool, thread: number, kernel: Kernel): never {
  const { control } = pool
  const [first, end] = blocksOf(pool, thread)
  for (let seen = 0; ;) {
    seen = changed(control, REQUESTS, seen)
    const [from = 0, to = 0, histogram = 0, parent = 0, flags = 0] = control.subarray(REQUEST)
    kernel.search(from, to, histogram, parent, first, end, flags)
    Atomics.add(control, FINISHED, 1)
    Atomics.notify(control, FINISHED)
  }
}

/** The value at `index` once it is no longer `old`: polls for a while, then sleeps until it is notified. */
function changed(control: Int32Array, index: number, old: number): number {
  for (let poll = 0; poll < POLLS; poll++) {
    const value = Atomics.load(control, index)
    if (value !== old) return value
  }
  Atomics.wait(control, index, old)
  const value = Atomics.load(control, index)
  return value === old ? changed(control, index, old) : value
}
