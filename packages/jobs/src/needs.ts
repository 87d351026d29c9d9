import type { Outcome } from './collect.ts'
import type { Job, PlannedJob } from './job.ts'
import type { ResultStore } from './results.ts'

/** Whether what a job needs is done, where these are left. */
export const mayBegin = ({ job }: PlannedJob, left: ReadonlyMap<string, unknown>): boolean =>
  (job.needs ?? []).every((id) => !left.has(id))

/** Takes a job that has ended from those left; where it failed, all that need it with it, for the same reason. */
export function settle(outcome: Outcome, left: Map<string, PlannedJob>): Outcome[] {
  left.delete(outcome.id)
  if (outcome.status === 'done') return [outcome]
  const others = [...left.values()].filter(({ job }) => job.needs?.includes(outcome.id) === true)
  return [outcome, ...others.flatMap(({ id }) => (left.has(id) ? settle({ ...outcome, id }, left) : []))]
}

/** The results that a job needs, in order. Throws where one is not there. */
export function neededBy({ needs = [] }: Job, read: ResultStore['read']): Promise<Uint8Array[]> {
  return Promise.all(
    needs.map(async (id) => {
      const bytes = await read(id)
      if (bytes === null) throw new Error(`jobs: the result of job ${id}, which another needs, is gone. Start again.`)
      return bytes
    }),
  )
}
