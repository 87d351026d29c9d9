import { flattenMetrics, memoryTracker, newRunId, recordSettings, runName, runTags } from '@breakwater/tracking'
import type { RecordedRun } from '@breakwater/tracking'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

const ID = '0f'.repeat(16)

async function recorded(settings: Parameters<typeof recordSettings>[1]): Promise<RecordedRun> {
  const tracker = memoryTracker()
  await recordSettings(await tracker.start({ id: ID, name: 'n', job: 'patchtst', tags: {} }), settings)
  const [run] = tracker.runs()
  if (run === undefined) throw new Error('no run')
  return run
}

test('metrics are the finite numbers of a tree by their path', () => {
  const tree = {
    direction: { validation: { auc: 0.6, brier: null, rows: 12 }, folds: [0.5, Number.NaN, 0.7] },
    'a/b': { bad: Infinity, word: 'x', yes: true, missing: undefined },
    loss: -0,
  }
  expect(flattenMetrics(tree)).toEqual({
    'direction/validation/auc': 0.6,
    'direction/validation/rows': 12,
    'direction/folds/0': 0.5,
    'direction/folds/2': 0.7,
    loss: -0,
  })
})

test('whatever the tree, only finite numbers come out, and all of them', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.double(), fc.dictionary(fc.string(), fc.double()))), (tree) => {
      const values = Object.values(flattenMetrics(tree))
      const wanted = Object.values(tree).flatMap((value) =>
        typeof value === 'number' ? [value] : Object.values(value),
      )
      expect(values.every((value) => Number.isFinite(value))).toBe(true)
      // Keys that differ only by / and . may fall together.
      expect(values.length).toBeLessThanOrEqual(wanted.filter((value) => Number.isFinite(value)).length)
    }),
  )
})

test('settings are flattened, lists joined, and what is undefined left out', async () => {
  const run = await recorded({
    rounds: 3,
    trees: { depth: 6, limit: null },
    dates: ['a', 'b'],
    none: undefined,
    pairs: [[1, 2]],
  })
  expect(run.params).toEqual({ rounds: 3, 'trees.depth': 6, 'trees.limit': null, dates: 'a,b', pairs: '[1,2]' })
  expect(run.artifacts).toEqual([])
})

test('a list that passes the limit is an artifact, a line an item, and the param says so', async () => {
  const dates = Array.from({ length: 600 }, (_, at) => `2025-${String(at).padStart(6, '0')}`)
  const run = await recorded({ dates, note: 'n'.repeat(6001), short: dates.slice(0, 500) })
  expect(run.params).toMatchObject({
    dates: '600 items: see artifact settings/dates.txt',
    note: '6001 characters: see artifact settings/note.txt',
    short: dates.slice(0, 500).join(','),
  })
  expect(run.artifacts).toEqual([
    {
      name: 'settings',
      type: 'settings',
      files: [
        { path: 'dates.txt', text: `${dates.join('\n')}\n` },
        { path: 'note.txt', text: 'n'.repeat(6001) },
      ],
    },
  ])
})

test('a run is named after job, schema, stage, ablation and the first and last of its dates', () => {
  const parts = { job: 'boosted_trees', schemaVersion: 2, stage: 'stage_b', ablation: 'full' } as const
  expect(runName({ ...parts, dates: ['2025-12-16', '2025-12-14', '2025-12-15'] })).toBe(
    'boosted_trees-v2-stage_b-full-2025-12-14_2025-12-16',
  )
  expect(runName({ ...parts, dates: ['2025-12-16'] })).toBe('boosted_trees-v2-stage_b-full-2025-12-16_2025-12-16')
  expect(runName({ ...parts, dates: [] })).toBe('boosted_trees-v2-stage_b-full-no-dates')
})

test('tags say what the run is; a commit or parent that is not known is no tag', () => {
  const facts = {
    id: ID,
    job: 'retrieval',
    stage: 'stage_a',
    ablation: 'ta',
    schemaVersion: 2,
    datasetHash: 'd',
  } as const
  const tags = {
    run_id: ID,
    job: 'retrieval',
    stage: 'stage_a',
    ablation: 'ta',
    schema_version: '2',
    dataset_hash: 'd',
  }
  expect(runTags({ ...facts, gitSha: null })).toEqual(tags)
  expect(runTags({ ...facts, gitSha: 'c', parent: 'p' })).toEqual({ ...tags, git_sha: 'c', parent_run_id: 'p' })
})

test('a run id is 32 hexadecimal digits of the random bytes', () => {
  expect(newRunId((bytes) => bytes.map((_, at) => at))).toBe('000102030405060708090a0b0c0d0e0f')
})
