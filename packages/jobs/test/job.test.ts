import { createHash } from 'node:crypto'
import { canonicalJson, type Job, jobId, plan, resultFolder, runId } from '@breakwater/jobs'
import { assert, jsonValue, pre, property } from 'fast-check'
import { expect, test } from 'vitest'

const JOB: Job = {
  kind: 'fold',
  program: '0.0.0+abc linux x64 v8-13',
  data: 'd'.repeat(64),
  options: { trees: { rounds: 3, seed: 7 }, ablation: 'full' },
  fold: { index: 0, train: ['2024-03-04'] },
  heads: ['direction', 'tradeable_2'],
}

test('the id is the SHA-256 of the fields, written with the keys in order', () => {
  const text =
    '{"data":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","fold":{"index":0,"train":["2024-03-04"]},' +
    '"heads":["direction","tradeable_2"],"kind":"fold","options":{"ablation":"full","trees":{"rounds":3,"seed":7}},' +
    '"program":"0.0.0+abc linux x64 v8-13"}'
  expect(jobId(JOB)).toBe(createHash('sha256').update(text).digest('hex'))
  const turned: Job = { ...JOB, options: { ablation: 'full', trees: { seed: 7, rounds: 3 } } }
  expect(jobId(turned)).toBe(jobId(JOB))
})

test.each<[string, Partial<Job>]>([
  ['kind', { kind: 'other' }],
  ['program', { program: '0.0.0+abd linux x64 v8-13' }],
  ['data', { data: 'e'.repeat(64) }],
  ['options', { options: { trees: { rounds: 4, seed: 7 }, ablation: 'full' } }],
  ['fold', { fold: { index: 1, train: ['2024-03-04'] } }],
  ['heads', { heads: ['tradeable_2', 'direction'] }],
  ['need', { needs: ['f'.repeat(64)] }],
])('another %s is another job', (_name, change) => {
  expect(jobId({ ...JOB, ...change })).not.toBe(jobId(JOB))
})

test('the id of a run does not depend on the order of its jobs', async () => {
  const none = resultFolder('nowhere')
  const jobs = [0, 1, 2].map((fold) => ({ ...JOB, fold }))
  const planned = await plan(jobs, none)
  expect(planned.todo).toHaveLength(3)
  expect(runId(planned.jobs.toReversed())).toBe(planned.run)
  expect((await plan([...jobs, ...jobs], none)).run).toBe(planned.run)
  expect((await plan(jobs.slice(1), none)).run).not.toBe(planned.run)
})

test('canonical JSON is JSON, the same for any order of keys', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, each]) => [key, reversed(each)]),
    )
  }
  assert(
    property(jsonValue({ maxDepth: 4 }), (value) => {
      pre(!JSON.stringify(value).includes('__proto__'))
      const text = canonicalJson(value as never)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(reversed(value) as never)).toBe(text)
    }),
    { seed: 12 },
  )
  expect(() => canonicalJson({ a: [Number.NaN] })).toThrow('jobs: NaN in a job: JSON has no such number.')
})
