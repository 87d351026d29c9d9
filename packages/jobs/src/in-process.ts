import { asTheyEnd, type Doing } from './as-they-end.ts'
import type { Executor } from './collect.ts'
import { type Program, run } from './program.ts'

/** How jobs are done in this process. */
export interface InProcessOptions<Data> {
  readonly program: Program<Data>
  /** The data of a hash, opened; called before each job, so keep what it gives. */
  readonly dataOf: (hash: string) => Promise<Data>
  /** Threads that each job may use. */
  readonly threads?: number | undefined
}

/** Does jobs in this process, one after another in the order of the plan. */
export function inProcess<Data>(options: InProcessOptions<Data>): Executor {
  const start = startHere(options)
  return { execute: (plan, results, given) => asTheyEnd({ ...given, plan, results, most: 1, start }) }
}

/** Does a job in this process. */
export const startHere =
  <Data>({ program, dataOf, threads }: InProcessOptions<Data>): Doing['start'] =>
  async (job, begun) =>
    run(program, job, { ...begun, data: await dataOf(job.data), threads })
