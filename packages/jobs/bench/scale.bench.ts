// How a run would scale to many workers: a discrete-event model of queue, data and results, with times that were measured on one
// machine (`npm run bench -- jobs`). It is a model, not a measurement; docs/scale.md has its assumptions.
// Run with: npm run bench -- scale, or npm run bench -- scale --jobs 5000 --compute 12.
import { parseArgs } from 'node:util'

const { values: given } = parseArgs({
  options: {
    jobs: { type: 'string', default: '5400' },
    compute: { type: 'string', default: '12' },
    spread: { type: 'string', default: '0.6' },
    queue: { type: 'string', default: '2' },
    data: { type: 'string', default: '60' },
    result: { type: 'string', default: '2' },
    network: { type: 'string', default: '110' },
    starter: { type: 'string', default: '4' },
    gather: { type: 'string', default: '20' },
  },
  strict: false,
})
const numberOf = (name: keyof typeof given): number => Number(given[name])

/** What a run is made of: seconds, MiB and MiB a second. */
interface Model {
  /** Seconds of each job on a worker's thread. */
  readonly compute: readonly number[]
  /** Seconds that the server takes to give out one job, one after the other. */
  readonly queue: number
  /** Data that each worker fetches once, and results that each job sends; both share the server's network. */
  readonly data: number
  readonly result: number
  readonly network: number
  /** Seconds that the starter takes for one result, one after the other. */
  readonly starter: number
  /** Seconds that the starter takes at the end, when all results are there. */
  readonly gather: number
}

/** Uniform numbers in [0, 1). */
function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Earliest of the times, replaced by the one that `next` makes of it; a binary heap. */
function advance(heap: Float64Array, next: (time: number) => number): void {
  const value = next(heap[0] as number)
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++
    if ((heap[child] as number) >= value) break
    heap[at] = heap[child] as number
    at = child
  }
  heap[at] = value
}

/** When something that serves one at a time is free again. */
const used = (free: number, at: number, seconds: number): number => Math.max(free, at) + seconds

/** Seconds of a run with so many workers of one thread. */
function simulate(model: Model, workers: number): number {
  const { compute, queue, data, result, network, starter, gather } = model
  let server = 0
  let link = 0
  let collected = 0
  // Every worker fetches the data first, through the one link of the server.
  const free = Float64Array.from({ length: workers }, () => (link = used(link, 0, data / network)))
  for (const seconds of compute) {
    advance(free, (at) => {
      server = used(server, at, queue)
      const done = server + seconds
      // In the order of starts, not of ends: what is sent late is counted a little early.
      link = used(link, done - seconds, result / network)
      const sent = Math.max(done + result / network, link)
      collected = used(collected, sent - seconds, starter)
      return sent
    })
  }
  return Math.max(...free, collected) + gather
}

const next = uniforms(7)
const mean = numberOf('compute')
const compute = Array.from(
  { length: numberOf('jobs') },
  () => mean * (1 + numberOf('spread') * (2 * next() - 1)),
).toSorted((a, b) => b - a)
const model: Model = {
  compute,
  queue: numberOf('queue') / 1000,
  data: numberOf('data'),
  result: numberOf('result'),
  network: numberOf('network'),
  starter: numberOf('starter') / 1000,
  gather: numberOf('gather'),
}
const one = simulate(model, 1)
process.stdout.write(
  `${compute.length} jobs of ${mean} s; data ${model.data} MiB a worker, results ${model.result} MiB a job, ${model.network} MiB/s\n`,
)
for (const [title, variant] of [
  ['data and results through the server', model],
  ['the same with a shared folder of 20 times its speed', { ...model, network: 20 * model.network }],
] as const) {
  process.stdout.write(`${title}\n`)
  for (const workers of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]) {
    const seconds = simulate(variant, workers)
    process.stdout.write(
      `  ${String(workers).padStart(5)} workers: ${seconds.toFixed(0).padStart(6)} s, ${(one / seconds).toFixed(1).padStart(6)} times one, efficiency ${((100 * one) / seconds / workers).toFixed(0)}%\n`,
    )
  }
}
