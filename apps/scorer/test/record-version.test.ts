import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Version } from '@breakwater/formats/node'
import { memoryTracker } from '@breakwater/tracking'
import { openTracker, readConfiguration, spoolFolder } from '@breakwater/tracking/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordVersion } from '#src/commands/record-version'
import { startDouble } from './mlflow-double.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-record-'))
  writeFileSync(join(folder, 'metadata_stage_b_full.json'), '{"stage":"b"}')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const version = (): Version => ({
  id: '0123456789abcdef',
  pointer: 'metadata_stage_b_full.json',
  folder,
  isCurrent: true,
  writtenAt: 0,
})
const REGISTERED = 'boosted_trees-stage_b-full'

test('a promotion and a rollback are runs with their facts, and the metadata is registered under the name of its set', async () => {
  const tracker = memoryTracker()
  await recordVersion(tracker, version(), { action: 'promote', from: '/next', forced: true })
  await recordVersion(tracker, version(), { action: 'rollback', from: '/models', forced: false })
  const [promoted, back] = tracker.runs()
  expect(promoted?.start).toMatchObject({
    name: 'promote-metadata_stage_b_full-0123456789abcdef',
    job: 'boosted_trees',
  })
  expect(promoted?.start.id).toMatch(/^[\da-f]{32}$/)
  expect(promoted?.start.id).not.toBe(back?.start.id)
  expect(promoted?.tags).toMatchObject({
    action: 'promote',
    version: '0123456789abcdef',
    source: '/next',
    forced: 'true',
  })
  expect(back?.tags).toMatchObject({ action: 'rollback', source: '/models', forced: 'false' })
  for (const run of [promoted, back]) {
    expect(run?.status).toBe('finished')
    expect(run?.artifacts).toEqual([
      {
        name: 'metadata',
        type: 'model',
        files: [{ path: 'metadata_stage_b_full.json', file: join(folder, 'metadata_stage_b_full.json') }],
        registerAs: REGISTERED,
      },
    ])
  }
})

test('an MLflow server gets the run, the file and the next version of the registered model', async () => {
  const double = await startDouble()
  const lines: string[] = []
  const tracker = openTracker({
    configuration: readConfiguration({
      systems: ['mlflow'],
      env: { MLFLOW_TRACKING_URI: double.uri },
      cwd: folder,
      folder: join(folder, 'tracking'),
    }),
    spool: spoolFolder(join(folder, 'tracking')),
    user: 'someone',
    env: {},
    clock: () => 1_767_364_200_250,
    random: () => 0.5,
    show: (line) => lines.push(line),
    replayCommand: 'breakwater track replay',
  })
  await recordVersion(tracker, version(), { action: 'promote', from: '/next', forced: false })
  double.close()
  const bodyOf = (path: string): unknown => double.asked.find((one) => one.path === path)?.body
  expect(bodyOf('runs/create')).toMatchObject({ run_name: 'promote-metadata_stage_b_full-0123456789abcdef' })
  expect(JSON.stringify(double.asked)).toContain('{"key":"action","value":"promote"}')
  expect([...double.files.entries()].find(([path]) => path.endsWith('metadata/metadata_stage_b_full.json'))?.[1]).toBe(
    '{"stage":"b"}',
  )
  expect(bodyOf('registered-models/create')).toMatchObject({ name: REGISTERED })
  expect(bodyOf('model-versions/create')).toMatchObject({ name: REGISTERED, run_id: 'server1' })
  expect(bodyOf('runs/update')).toMatchObject({ status: 'FINISHED' })
  expect(lines).toEqual([])
})
