import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModel, predictPatchTst, toSequenceSet } from '@breakwater/patchtst'
import type { EpochReport } from '@breakwater/patchtst'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PatchTstFiles, parseRecord } from '@breakwater/models/patchtst'
import { readFiles, readInput } from '../src/patchtst/files.ts'
import type { Progress } from '@breakwater/command-line'
import { trainOnSequences } from '../src/patchtst/train.ts'
import type { PatchTstRequest } from '../src/patchtst/train.ts'
import { SMALL_TRAINING, writeDay } from './sequence-files.ts'
import { silent, testContext } from './test-context.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakwater-patchtst-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const context = testContext(folder)
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

async function train(
  changes: Partial<PatchTstRequest> = {},
  onEpoch: (report: EpochReport) => void = () => undefined,
  signal?: AbortSignal,
  progress: Progress = silent,
): Promise<PatchTstFiles> {
  const request = { ...SMALL_TRAINING, ...changes }
  const own = testContext(folder, signal)
  return trainOnSequences(own, progress, request, await readInput(own, request), { onEpoch })
}

beforeAll(async () => {
  for (const [i, date] of ['2025-12-08', '2025-12-09', '2025-12-10'].entries()) {
    await writeDay(folder, { date, seed: i + 1 })
  }
})

describe('training on sequence files', () => {
  test('writes a model that says what it was trained on, and answers as its own graph does', async () => {
    const reports: EpochReport[] = []
    const { details, model } = await train({}, (report) => reports.push(report))
    expect(details.history).toEqual(reports)
    expect(reports.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4])
    const path = join(folder, model)
    expect(details.model.sha256).toBe(sha256(path))
    const loaded = await loadModel(path)
    const record = parseRecord(loaded.details, path)
    expect(record).toEqual(details.record)
    expect(record.trainDates).toEqual(['2025-12-08', '2025-12-09'])
    expect(record.validationDates).toEqual(['2025-12-10'])
    expect(record.statics.names).toEqual(['atr', 'atr is missing'])
    const [file] = await readFiles(context, [join(folder, 'sequence_dataset_2025-12-10.npz')])
    if (file === undefined) throw new Error('no file was read')
    const answers = await predictPatchTst(loaded, toSequenceSet(file.data, record.statics))
    const p = answers.direction ?? new Float32Array()
    const brier = p.reduce((sum, value, i) => sum + (value - (file.data.yBreak[i] ?? 0)) ** 2, 0) / file.data.samples
    expect(details.validation['direction']?.['brier']).toBeCloseTo(brier, 5)
    expect(details.validation['strength']?.['rows']).toBe(24)
  })

  test('goes on after an interrupt to the bytes of a straight run', async () => {
    const straight = await train({ name: 'straight' })
    const interrupt = new AbortController()
    const notes: string[] = []
    const interrupted = train(
      { name: 'halting' },
      ({ epoch }) => {
        if (epoch === 2) interrupt.abort(new Error('interrupted'))
      },
      interrupt.signal,
      { ...silent, note: (message) => notes.push(message) },
    )
    await expect(interrupted).rejects.toThrow('interrupted')
    const checkpoint = join(folder, 'models', 'halting.checkpoint')
    expect(existsSync(checkpoint)).toBe(true)
    expect(notes).toEqual(['saved up to the last complete epoch: models/halting.checkpoint. Continue with --resume.'])
    expect(existsSync(join(folder, 'models', 'halting.onnx'))).toBe(false)
    const epochs: number[] = []
    const resumed = await train({ name: 'halting', resume: true }, ({ epoch }) => epochs.push(epoch))
    expect(epochs[0]).toBeGreaterThan(1)
    expect(resumed.details.model.sha256).toBe(straight.details.model.sha256)
    expect(resumed.details.weights.sha256).toBe(straight.details.weights.sha256)
    expect(existsSync(checkpoint)).toBe(false)
  })

  test('may begin with hidden patches, whose encoder then reads patches that do not overlap', async () => {
    const { details } = await train({
      name: 'pretrained',
      pretrainEpochs: 2,
      headEpochs: 1,
      model: { ...SMALL_TRAINING.model, stride: 2 },
    })
    expect(details.config.stride).toBe(4)
    expect(details.config.endPadding).toBe(false)
    expect(details.history).toHaveLength(4)
  })
})

describe('what cannot be trained on is told by file and array', () => {
  test('channels that differ between training and validation files', async () => {
    const elsewhere = mkdtempSync(join(folder, 'channels-'))
    await writeDay(elsewhere, { date: '2025-12-11', seed: 9, channels: ['close', 'high'] })
    const valFiles = [join(elsewhere, '*.npz')]
    await expect(train({ valFiles })).rejects.toThrow(
      /^patchtst: .*sequence_dataset_2025-12-11\.npz: array seq_feature_names: has high at place 1, and sequence_dataset_2025-12-08\.npz has volume/,
    )
  })

  test('labels of other thresholds in the validation files', async () => {
    const elsewhere = mkdtempSync(join(folder, 'thresholds-'))
    await writeDay(elsewhere, { date: '2025-12-11', seed: 9, thresholds: [0.5, 1] })
    await expect(train({ valFiles: [join(elsewhere, '*.npz')] })).rejects.toThrow(
      /sequence_dataset_2025-12-11\.npz: array metadata: its labels are at 4min and \$0\.5 and \$1, those of .*2025-12-08\.npz at 4min and \$1 and \$2/,
    )
  })

  test('breaks alone, from which nothing can be learnt', async () => {
    const elsewhere = mkdtempSync(join(folder, 'class-'))
    for (const date of ['2025-12-08', '2025-12-09']) await writeDay(elsewhere, { date, seed: 4, oneClass: true })
    const files = { trainFiles: [join(elsewhere, '*.npz')], valFiles: ['sequence_dataset_2025-12-10.npz'] }
    await expect(train({ ...files, fit: { ...SMALL_TRAINING.fit, batchSize: 16 } })).rejects.toThrow(
      /sequence_dataset_2025-12-08\.npz and 1 more: .*holds only breaks: one class teaches nothing/,
    )
  })

  test('a name that would lead out of the folder', async () => {
    await expect(train({ name: '../elsewhere' })).rejects.toThrow('models: name ../elsewhere: must be a file name')
  })

  test('a file that is no .npz', async () => {
    const file = join(folder, 'sequence_dataset_2025-12-12.npz')
    writeFileSync(file, 'not a zip archive')
    await expect(train({ valFiles: ['sequence_dataset_2025-12-12.npz'] })).rejects.toThrow(
      `formats: ${file}: is not a whole .npz file`,
    )
  })

  test('a pattern that matches nothing', async () => {
    await expect(train({ trainFiles: ['nothing_*.npz'] })).rejects.toThrow(
      'trainer: --train-files nothing_*.npz: no such file, here or in data/ml/sequences.',
    )
  })

  test('a batch larger than the data', async () => {
    await expect(train({ fit: { ...SMALL_TRAINING.fit, batchSize: 500 } })).rejects.toThrow(
      'batchSize=500: sequence_dataset_2025-12-08.npz and 1 more has 48 samples, fewer than a batch',
    )
  })

  test('a patch longer than the sequences', async () => {
    await expect(train({ model: { ...SMALL_TRAINING.model, patchLength: 16 } })).rejects.toThrow(
      'sequences have 12 steps, a patch 16: they are shorter than a patch',
    )
  })

  test('reach asked of files without reach labels', async () => {
    const elsewhere = mkdtempSync(join(folder, 'reach-'))
    for (const date of ['2025-12-15', '2025-12-16']) {
      await writeDay(elsewhere, { date, seed: 1, reach: false })
    }
    const files = { trainFiles: [join(elsewhere, '*.npz')], valFiles: undefined }
    await expect(train(files)).rejects.toThrow('array y_reach: is not in the file, and the tasks ask for reach')
    await expect(train({ ...files, name: 'noreach', tasks: ['direction'] })).resolves.toBeDefined()
  })

  test.skipIf(existsSync('/dev/nvidia0'))('a device that this machine does not have', async () => {
    await expect(train({ fit: { ...SMALL_TRAINING.fit, device: 'cuda' } })).rejects.toThrow(
      /patchtst: device=cuda: .*(?:offers|could not start)/,
    )
  })
})
