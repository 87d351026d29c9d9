import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainPatchTst } from '@breakwater/patchtst'
import type { SequenceSet, TrainResult } from '@breakwater/patchtst'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { loadTrainedModel } from '../src/patchtst/load.ts'
import type { ModelRecord } from '../src/patchtst/record.ts'
import { modelPlace, saveTraining } from '../src/patchtst/save.ts'
import { createProgram } from '../src/program.ts'
import { noteReplaced } from '../src/versions/replaced.ts'
import { silent, testContext } from './test-context.ts'

const SET: SequenceSet = {
  source: 'waves',
  samples: 8,
  length: 16,
  channels: 1,
  channelNames: ['close'],
  x: Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
  mask: new Uint8Array(128).fill(1),
  statics: 0,
  staticNames: [],
  staticValues: new Float32Array(),
  labels: { direction: Int8Array.from({ length: 8 }, (_, i) => i % 2) },
}
const RECORD: ModelRecord = {
  format: 'breakwater-patchtst',
  version: 1,
  anchor: '4min',
  thresholds: [1, 2],
  signalsHash: 'abc',
  trainDates: ['2025-12-08'],
  validationDates: [],
  trainSamples: 8,
  validationSamples: 0,
  statics: { kept: [], values: [], flagged: [], names: [] },
  reference: { direction: 0.5, strength: null },
  seed: 1,
  timestamp: '2025-12-09T00:00:00.000Z',
  gitSha: null,
  libraryVersion: '0.0.0',
}
const train = (seed: number): Promise<TrainResult> =>
  trainPatchTst(SET, undefined, {
    tasks: { direction: true },
    model: { patchLength: 8, stride: 8, layers: 1, width: 4, heads: 1, feedForward: 4 },
    epochs: 1,
    batchSize: 4,
    seed,
    threads: 1,
  })
const results = await Promise.all([1, 2, 3].map(train))

let cwd = ''
let said = ''
let context: Context = testContext('.')
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'breakwater-versions-'))
  said = ''
  context = {
    ...testContext(cwd),
    terminal: { out: (text) => (said += text), err: () => undefined, interactive: false, width: 100 },
  }
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

/** Saves three trainings, a second apart, and gives the ids of their versions. */
async function save(): Promise<string[]> {
  const ids: string[] = []
  for (const [i, result] of results.entries()) {
    const about = {
      record: RECORD,
      settings: {},
      files: { train: [], validation: [] },
      validation: {},
      keepVersions: 9,
    }
    const { version } = await saveTraining(context, modelPlace(context, 'models', 'patchtst'), result, about)
    utimesSync(join(version, 'patchtst.json'), 1_765_000_000 + i, 1_765_000_000 + i)
    ids.push(version.split(/[\\/]/).at(-1) ?? '')
  }
  return ids
}

async function run(...args: readonly string[]): Promise<string> {
  said = ''
  await createProgram(context).parseAsync([...args, '--model-dir', 'models'], { from: 'user' })
  return said
}

/** Which of the trainings is served. */
async function served(): Promise<number> {
  const { model } = await loadTrainedModel(join(cwd, 'models', 'patchtst.onnx'), 'patchtst.onnx')
  return results.findIndex((result) => result.model.weights.every((weight, i) => weight === model.weights[i]))
}

test('versions are listed, the newest first, with the one that readers see', async () => {
  expect(await run('versions')).toBe('no versions in models\n')
  const [one = '', two = '', three = ''] = await save()
  expect(await served()).toBe(2)
  expect(await run('versions')).toBe(
    `patchtst  ${three}  2025-12-06T05:46:42.000Z  current\npatchtst  ${two}  2025-12-06T05:46:41.000Z\npatchtst  ${one}  2025-12-06T05:46:40.000Z\n`,
  )
  const { versions } = JSON.parse(await run('versions', '--json')) as { versions: unknown[] }
  expect(versions[1]).toEqual({
    set: 'patchtst',
    id: two,
    folder: join('models', 'versions', two),
    written: '2025-12-06T05:46:41.000Z',
    current: false,
  })
})

test('rollback goes to the version before, or to the one that is named, and forward again', async () => {
  const [one = '', two = '', three = ''] = await save()
  expect(await run('rollback')).toContain(two)
  expect(await served()).toBe(1)
  expect(readFileSync(join(cwd, 'models', 'patchtst.onnx'))).toEqual(
    readFileSync(join(cwd, 'models', 'versions', two, 'patchtst.onnx')),
  )
  await run('rollback', '--to', one.slice(0, 8))
  expect(await served()).toBe(0)
  await expect(run('rollback')).rejects.toThrow(
    `trainer: models: patchtst: no version is older than the current one. It has ${three}, ${two}, ${one}, the newest first.`,
  )
  await run('rollback', '--to', three, '--set', 'patchtst')
  expect(await served()).toBe(2)
  await expect(run('rollback', '--set', 'other')).rejects.toThrow('--set other: models has patchtst. Name one of them.')
})

test('a damaged version is not gone back to', async () => {
  const [, two = ''] = await save()
  writeFileSync(join(cwd, 'models', 'versions', two, 'patchtst.onnx'), 'damaged')
  await expect(run('rollback')).rejects.toThrow(`${two}/patchtst.onnx`)
  expect(await served()).toBe(2)
})

test('prune leaves the current version and the newest others', async () => {
  const [one = '', two = '', three = ''] = await save()
  await run('rollback', '--to', one)
  expect(await run('prune', '--keep-versions', '2')).toBe(`removed patchtst  ${two}  2025-12-06T05:46:41.000Z\n`)
  expect(readdirSync(join(cwd, 'models', 'versions')).toSorted()).toEqual([one, three].toSorted())
  expect(await run('prune', '--keep-versions', '2')).toBe('nothing to remove\n')
  expect(await served()).toBe(0)
})

test('what is replaced is said, and whether it can be brought back', async () => {
  const notes: string[] = []
  const note = (): Promise<void> =>
    noteReplaced(
      context,
      { ...silent, note: (text) => notes.push(text) },
      {
        folder: join(cwd, 'models'),
        pointer: 'patchtst.json',
      },
    )
  await note()
  const [, , three = ''] = await save()
  await note()
  rmSync(join(cwd, 'models', 'versions'), { recursive: true })
  await note()
  const path = join('models', 'patchtst.json')
  expect(notes).toEqual([
    `replaces version ${three} of ${path}; \`trainer rollback --model-dir models --set patchtst\` brings it back`,
    `replaces ${path}, which has no version and cannot be brought back`,
  ])
})
