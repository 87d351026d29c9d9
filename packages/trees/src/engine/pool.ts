import type { Kernel } from './kernel.ts'

/**
 * How threads share the search of one node: the leader writes the request to the control block, every member (the leader
 * too) does its own blocks, and the leader goes on when all have finished. Histograms are exact, so the result is that of
 * one thread.
 */
export interface Team {
  /** {@link CONTROL} integers in shared memory. */
  readonly control: Int32Array
  /** Threads, the leader among them. */
  readonly members: number
  readonly blocks: number
}

/** Places in the control block: a count of requests, the members that have finished, and the request. */
const REQUESTS = 0
const FINISHED = 1
const REQUEST = 2
/** Integers of a control block. */
export const CONTROL = 8

/** Nodes of fewer rows are searched by the leader alone: waking the others would cost more. */
const SHARED_ROWS = 4096

/** Looks that a thread takes before it goes to sleep. */
const LOOKS = 2000

/** The blocks of a member, half-open. */
function shareOf({ members, blocks }: Team, member: number): readonly [number, number] {
  return [Math.floor((member * blocks) / members), Math.floor(((member + 1) * blocks) / members)]
}

/** `Kernel.search` over all blocks, shared with the team where the node is large. */
export function leadSearch(
  team: Team,
  kernel: Kernel,
): (...request: readonly [number, number, number, number, number]) => void {
  const { control, members, blocks } = team
  const [, own] = shareOf(team, 0)
  return (from, to, histogram, parent, flags) => {
    if (members === 1 || to - from < SHARED_ROWS) {
      kernel.search(from, to, histogram, parent, 0, blocks, flags)
      return
    }
    control.set([from, to, histogram, parent, flags], REQUEST)
    Atomics.store(control, FINISHED, 0)
    Atomics.add(control, REQUESTS, 1)
    Atomics.notify(control, REQUESTS)
    kernel.search(from, to, histogram, parent, 0, own, flags)
    for (let done = Atomics.load(control, FINISHED); done < members - 1;) done = changed(control, FINISHED, done)
  }
}

/** Serves as a member until the thread is stopped. */
export function serve(team: Team, member: number, kernel: Kernel): never {
  const { control } = team
  const [first, end] = shareOf(team, member)
  for (let seen = 0; ;) {
    seen = changed(control, REQUESTS, seen)
    const [from = 0, to = 0, histogram = 0, parent = 0, flags = 0] = control.subarray(REQUEST)
    kernel.search(from, to, histogram, parent, first, end, flags)
    Atomics.add(control, FINISHED, 1)
    Atomics.notify(control, FINISHED)
  }
}

/** The value at `index` once it is no longer `old`: looks for a while, then sleeps until it is told. */
function changed(control: Int32Array, index: number, old: number): number {
  for (let look = 0; look < LOOKS; look++) {
    const value = Atomics.load(control, index)
    if (value !== old) return value
  }
  Atomics.wait(control, index, old)
  const value = Atomics.load(control, index)
  return value === old ? changed(control, index, old) : value
}
