import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { loadTrainedModel } from '@breakwater/models/patchtst'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { readInput } from '../src/patchtst/files.ts'
import { trainOnSequences } from '../src/patchtst/train.ts'
import { createProgram } from '../src/program.ts'
import { noteReplaced, noteReplacedFiles } from '../src/versions/replaced.ts'
import { SMALL_TRAINING, writeDay } from './sequence-files.ts'
import { silent, testContext } from './test-context.ts'

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

/** Trains with three seeds, and gives the ids of the versions. */
async function save(): Promise<string[]> {
  const days = ['2025-12-08', '2025-12-09', '2025-12-10']
  for (const [i, date] of days.entries()) await writeDay(cwd, { date, seed: i + 1 })
  const input = await readInput(context, SMALL_TRAINING)
  const ids: string[] = []
  for (const seed of [1, 2, 3]) {
    const fit = { ...SMALL_TRAINING.fit, epochs: 1, seed }
    const request = { ...SMALL_TRAINING, fit, outputDir: 'models', keepVersions: 9 }
    const { version } = await trainOnSequences(context, silent, request, input, { onEpoch: () => undefined })
    utimesSync(join(version, 'patchtst.json'), 1_765_000_000 + seed, 1_765_000_000 + seed)
    ids.push(basename(version))
  }
  return ids
}

async function run(...args: readonly string[]): Promise<string> {
  said = ''
  const program = await createProgram(context, args)
  await program.parseAsync([...args, '--model-dir', 'models'], { from: 'user' })
  return said
}

/** The id of the version whose model is served. */
async function served(): Promise<string | undefined> {
  const { onnx } = await loadTrainedModel(join(cwd, 'models', 'patchtst.onnx'), 'patchtst.onnx')
  const versions = join(cwd, 'models', 'versions')
  return readdirSync(versions).find((id) => readFileSync(join(versions, id, 'patchtst.onnx')).equals(onnx))
}

test('versions are listed, the newest first, with the one that readers see', async () => {
  const none = 'no versions in models: training writes one each time\nNext: breakwater train\n'
  expect(await run('versions')).toBe(none)
  expect(await run('prune')).toBe(none)
  const [one = '', two = '', three = ''] = await save()
  expect(await served()).toBe(three)
  expect(await run('versions')).toBe(
    `patchtst  ${three}  2025-12-06T05:46:43.000Z  current\npatchtst  ${two}  2025-12-06T05:46:42.000Z\npatchtst  ${one}  2025-12-06T05:46:41.000Z\n\n` +
      '3 versions of 1 set\nNext: breakwater rollback --set patchtst --model-dir models\n',
  )
  const { versions } = JSON.parse(await run('versions', '--json')) as { versions: unknown[] }
  expect(versions[1]).toEqual({
    set: 'patchtst',
    id: two,
    folder: join('models', 'versions', two),
    written: '2025-12-06T05:46:42.000Z',
    current: false,
  })
})

test('rollback goes to the version before, or to the one that is named, and forward again', async () => {
  const [one = '', two = '', three = ''] = await save()
  expect(await run('rollback')).toBe(
    `patchtst  ${two}  2025-12-06T05:46:42.000Z  current\n` +
      `\`breakwater rollback --set patchtst --to ${three} --model-dir models\` undoes this\n` +
      'Next: breakwater versions --model-dir models\n',
  )
  expect(await served()).toBe(two)
  expect(readFileSync(join(cwd, 'models', 'patchtst.onnx'))).toEqual(
    readFileSync(join(cwd, 'models', 'versions', two, 'patchtst.onnx')),
  )
  await run('rollback', '--to', one.slice(0, 8))
  expect(await served()).toBe(one)
  await expect(run('rollback')).rejects.toThrow(
    `models: models: patchtst: no version is older than the current one. It has ${three}, ${two}, ${one}, the newest first.`,
  )
  await run('rollback', '--to', three, '--set', 'patchtst')
  expect(await served()).toBe(three)
  await expect(run('rollback', '--set', 'other')).rejects.toThrow(
    'models: set other: models has patchtst. Name one of them.',
  )
})

test('a damaged version is not gone back to', async () => {
  const [, two = '', three = ''] = await save()
  writeFileSync(join(cwd, 'models', 'versions', two, 'patchtst.onnx'), 'damaged')
  await expect(run('rollback')).rejects.toThrow(`${two}/patchtst.onnx`)
  expect(await served()).toBe(three)
})

test('prune leaves the current version and the newest others', async () => {
  const [one = '', two = '', three = ''] = await save()
  await run('rollback', '--to', one)
  expect(await run('prune', '--keep-versions', '2')).toBe(
    `removed patchtst  ${two}  2025-12-06T05:46:42.000Z\n1 version removed, 2 left\nNext: breakwater versions --model-dir models\n`,
  )
  expect(readdirSync(join(cwd, 'models', 'versions')).toSorted()).toEqual([one, three].toSorted())
  expect(await run('prune', '--keep-versions', '2')).toBe(
    'nothing to remove: no set has more than 2 versions\nNext: breakwater versions --model-dir models\n',
  )
  // The oldest is current: there is nothing to go back to.
  expect(await run('versions')).toMatch(/\n\n2 versions of 1 set\nNext: breakwater patchtst\n$/)
  expect(await served()).toBe(one)
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
    `replaces version ${three} of ${path}; \`breakwater rollback --model-dir models --set patchtst\` brings it back`,
    `replaces ${path}, which has no version and cannot be brought back`,
  ])
})

test('files without versions that are replaced are named, and those that are not there are not', () => {
  const notes: string[] = []
  const progress = { ...silent, note: (text: string) => notes.push(text) }
  const [one, two] = [join(cwd, 'audit.json'), join(cwd, 'audit.html')]
  noteReplacedFiles(context, progress, [one, two])
  writeFileSync(one, '{}')
  noteReplacedFiles(context, progress, [one, two])
  writeFileSync(two, '')
  noteReplacedFiles(context, progress, [one, two])
  const three = join(cwd, 'bars.html')
  writeFileSync(three, '')
  noteReplacedFiles(context, progress, [one, two, three])
  expect(notes).toEqual([
    'replaces audit.json, which cannot be brought back',
    'replaces audit.json and audit.html, which cannot be brought back',
    'replaces audit.json and 2 more files, which cannot be brought back',
  ])
})
