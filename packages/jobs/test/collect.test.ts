import { collect, type Executor, type Job, jobId, plan, type ResultStore } from '@breakwater/jobs'
import { describe, expect, test } from 'vitest'

const NOTHING: ResultStore = { read: () => Promise.resolve(null), write: async () => {}, remove: async () => {} }
const JOBS = [0, 1, 2, 3].map((fold): Job => ({
  kind: 'any',
  program: 'test+1',
  data: 'none',
  options: {},
  fold,
  heads: [],
}))

/** Tells every job done, whatever the signal says: as an executor does whose jobs end in the moment of the signal. */
function deaf(): { readonly executor: Executor; readonly closed: () => boolean } {
  let closed = false
  const executor: Executor = {
    execute: async function* ({ todo }) {
      try {
        for (const { id } of todo) yield await Promise.resolve({ id, status: 'done' as const })
      } finally {
        closed = true
      }
    },
  }
  return { executor, closed: () => closed }
}

describe('collect', () => {
  test('yields how each job ended', async () => {
    const planned = await plan(JOBS, NOTHING)
    const ids: string[] = []
    for await (const { id } of collect(planned, deaf().executor, NOTHING)) ids.push(id)
    expect(ids).toEqual(planned.jobs.map(({ id }) => id))
  })

  test('yields nothing after the signal, throws its reason, and closes the executor', async () => {
    const { executor, closed } = deaf()
    const abort = new AbortController()
    const reason = new Error('enough')
    const ids: string[] = []
    const collected = (async () => {
      for await (const { id } of collect(await plan(JOBS, NOTHING), executor, NOTHING, { signal: abort.signal })) {
        ids.push(id)
        if (ids.length === 2) abort.abort(reason)
      }
    })()
    await expect(collected).rejects.toBe(reason)
    expect(ids).toHaveLength(2)
    expect(closed()).toBe(true)
  })
})

const after = (job: Job, fold: number): Job => ({ ...job, fold, needs: [jobId(job)] })

describe('plan', () => {
  const [first] = JOBS as [Job]
  const second = after(first, 10)
  const third = after(second, 11)

  test('puts a job after those that it needs', async () => {
    expect((await plan([third, second, first], NOTHING)).todo.map(({ job }) => job)).toEqual([first, second, third])
  })

  test('takes a job whose needs have results, and none whose needs nobody computes', async () => {
    const done: ResultStore = { ...NOTHING, read: (id) => Promise.resolve(id === jobId(second) ? Buffer.of(1) : null) }
    expect((await plan([third], done)).todo.map(({ job }) => job)).toEqual([third])
    await expect(plan([third], NOTHING)).rejects.toThrow(
      `jobs: job ${jobId(third)} needs ${jobId(second)}, which has no result and is not to be done. Plan it too.`,
    )
  })
})
