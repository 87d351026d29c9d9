import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listVersions } from '@breakwater/formats/node'
import { loadSet } from '@breakwater/models/node'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { run, SCORER } from './run.ts'

const models = inject('models')
const SET = 'metadata_stage_a_full'
let folder = ''
let [champion, challenger, state] = ['', '', '']
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-promote-'))
  champion = join(folder, 'champion')
  challenger = join(folder, 'challenger')
  state = join(folder, 'state.json')
  cpSync(join(models, 'boosted_trees'), champion, { recursive: true })
  cpSync(join(models, 'other_models'), challenger, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const metadata = (place: string): string => readFileSync(join(place, `${SET}.json`), 'utf8')
const promote = (...more: readonly string[]) =>
  run(SCORER, [
    'promote',
    '--challenger',
    challenger,
    '--model-dir',
    champion,
    '--set',
    SET,
    '--tracking',
    'none',
    ...more,
  ])
const gained = (gain: number): void => {
  const sums = {
    version: 1,
    votes: 1000,
    forecasts: 8000,
    sum: 500 * (1 + gain),
    weights: 300,
    weighted: 150 * (1 + gain),
  }
  const challenged = { models: '', champion: '', gain: { ...sums, cost: 0, squares: 1 } }
  writeFileSync(state, JSON.stringify({ version: 1, monitor: {}, challenger: challenged }))
}

test('a challenger is promoted only where its live gain allows it or by force, and rolled back to the same bytes', async () => {
  const before = metadata(champion)
  const blind = await promote()
  expect(blind.code).toBe(1)
  expect(blind.err).toContain('not promoted: nothing has been compared')
  gained(-0.05)
  const worse = await promote('--monitor-state', state)
  expect(worse.err).toContain('includes a loss beyond 0.002')
  expect(metadata(champion)).toBe(before)

  gained(0.06)
  const better = await promote('--monitor-state', state)
  expect(better.err).toBe('')
  expect(better.code).toBe(0)
  expect(metadata(champion)).toBe(metadata(challenger))
  expect((await loadSet(champion, { stage: 'stage_a', ablation: 'full' })).bundles.size).toBeGreaterThan(3)

  const back = await run(SCORER, ['rollback', '--model-dir', champion, '--set', SET, '--tracking', 'none'])
  expect(better.out).toContain(
    `scorers take it at their next reload\nNext: breakwater versions --model-dir ${champion}\n`,
  )
  expect(back.out).toMatch(/^rollback: .*\nNext: breakwater versions --model-dir /)
  expect(metadata(champion)).toBe(before)
  const forced = await promote('--force')
  expect(forced.code).toBe(0)
  expect((await listVersions(champion)).filter(({ pointer }) => pointer === `${SET}.json`)).toHaveLength(2)
  expect(existsSync(join(champion, '.breakwater.lock'))).toBe(false)
})
