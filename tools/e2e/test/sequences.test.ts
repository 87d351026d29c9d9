import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deriveHeads } from '@breakwater/features'
import type { Bars, Table } from '@breakwater/features'
import { loadSchema, readBars, readSignals } from '@breakwater/features/parquet'
import { loadModel, predictPatchTst, readSequences, toSequenceSet, writeSequences } from '@breakwater/patchtst'
import type { StaticFill } from '@breakwater/patchtst'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashes, ROOT, temporaryFolder, trainer, trainerJson } from './run-trainer.ts'
import { shuffled } from './shuffled.ts'

interface TrainOutput {
  readonly written: { readonly model: string }
  readonly record: { readonly trainDates: readonly string[]; readonly statics: StaticFill }
  readonly history: readonly { readonly epoch: number; readonly trainLoss: number; readonly validationLoss: number }[]
  readonly validation: Readonly<Record<string, Readonly<Record<string, number>>>>
}

interface CompareOutput {
  readonly comparison: {
    readonly dates: readonly string[]
    readonly heads: readonly {
      readonly name: string
      readonly rows: number
      readonly leftOut: number
      readonly models: Readonly<Record<string, Readonly<Record<string, { readonly estimate: number | null }>>>>
    }[]
  }
}

const folder = temporaryFolder()
const at = (...names: readonly string[]): string => join(folder.path, ...names)
const signals = at('signals.parquet')
const env = { SOURCE_DATE_EPOCH: '1700000000' }
/** A model that trains in seconds. */
const SMALL = ['--width', '16', '--feed-forward', '32', '--layers', '1', '--patch-length', '12', '--stride', '12']
const FIT = ['--epochs', '8', '--learning-rate', '0.002', '--tracking', 'none']
const TRAIN = 11
const VALIDATION = 3

let files: string[]
let trainFiles: string[]
let valFiles: string[]
let testFiles: string[]
let trained: TrainOutput

beforeAll(async () => {
  await writeSimulation(folder.path, simulate({ sessions: 20, seed: 5 }))
  const source = ['--bars', at('bars.parquet'), '--physics', at('physics.parquet')]
  await trainerJson(['signals', ...source, '--output', signals], { env })
  await trainerJson(['sequences', '--data-path', signals, '--output-dir', at('sequences')], { env })
  files = readdirSync(at('sequences'))
    .filter((name) => name.endsWith('.npz'))
    .map((name) => at('sequences', name))
  trainFiles = files.slice(0, TRAIN)
  valFiles = files.slice(TRAIN, TRAIN + VALIDATION)
  testFiles = files.slice(TRAIN + VALIDATION)
  trained = await trainPatchTst(at('model'), trainFiles, valFiles, FIT)
})
afterAll(folder.remove)

/** Trains a small model. */
function trainPatchTst(
  output: string,
  train: readonly string[],
  validation: readonly string[],
  fit: readonly string[],
): Promise<TrainOutput> {
  const read = ['--train-files', ...train, '--val-files', ...validation]
  return trainerJson<TrainOutput>(['patchtst', ...read, ...SMALL, ...fit, '--output-dir', output], { env })
}

const day = (file: string): string => /\d{4}-\d\d-\d\d/.exec(file)?.[0] ?? ''
const bits = (values: Float32Array, count: number): Uint8Array => new Uint8Array(values.slice(0, count).buffer)

async function tableOf(path: string): Promise<Table> {
  const { table } = await readSignals({ paths: [path], schema: await loadSchema(join(ROOT, 'data', 'features.json')) })
  return table
}

function words(table: Table, name: string): string[] {
  const column = table.columns[name]
  if (column?.type !== 'string') throw new Error(`${name} is not strings`)
  return Array.from(column.codes, (code) => column.dictionary[code] ?? '')
}

function numbers(table: Table, name: string): ArrayLike<number> {
  const column = table.columns[name]
  if (column?.type !== 'number') throw new Error(`${name} is not numbers`)
  return column.values
}

describe('trainer sequences', () => {
  test('writes one file per session, from the first that the averages know', () => {
    expect(files.length).toBe(18)
    expect(files.every((file) => /sequence_dataset_\d{4}-\d\d-\d\d\.npz$/.test(file))).toBe(true)
  })

  test("a sequence ends with the touch bar, and its labels are the heads' of the same event", async () => {
    const table = await tableOf(signals)
    const rowOf = new Map(words(table, 'event_id').map((id, row) => [id, row]))
    const heads = new Map(deriveHeads(table, { anchors: ['4min'] }).map((head) => [head.name, head]))
    const spot = numbers(table, 'spot')
    let events = 0
    for (const file of files) {
      const data = await readSequences(file)
      const close = data.channelNames.indexOf('close')
      const rows = data.eventIds.map((id) => rowOf.get(id) ?? -1)
      events += rows.length
      const ends = rows.map((_, i) => data.x[((i + 1) * data.length - 1) * data.channelNames.length + close])
      expect(ends).toEqual(rows.map((row) => Math.fround(spot[row] ?? Number.NaN)))
      const direction = heads.get('direction')
      expect([...data.yBreak]).toEqual(rows.map((row) => (direction?.mask[row] === 1 ? direction.values[row] : -1)))
      expect([...data.yStrength]).toEqual(rows.map((row) => heads.get('strength_signed')?.values[row]))
    }
    expect(events).toBeGreaterThan(4000)
  })

  test('no bar after the touch is in a sequence: with the history cut there, its bits are the same', async () => {
    const { bars } = await readBars([at('bars.parquet')])
    const whole = await readSequences(files[6] ?? '')
    const middle = whole.tsNs[Math.floor(whole.samples / 2)] ?? 0n
    writeFileSync(at('cut.csv'), csvUpTo(bars, middle))
    await trainerJson(
      ['signals', '--bars', at('cut.csv'), '--physics', at('physics.parquet'), '--output', at('cut.parquet')],
      { env },
    )
    const date = day(files[6] ?? '')
    await trainerJson(['sequences', '--date', date, '--data-path', at('cut.parquet'), '--output-dir', at('cut')], {
      env,
    })
    const cut = await readSequences(at('cut', `sequence_dataset_${date}.npz`))
    const samples = whole.tsNs.filter((ns) => ns <= middle).length
    expect(samples).toBeGreaterThan(50)
    expect(cut.eventIds).toEqual(whole.eventIds.slice(0, samples))
    expect(bits(cut.x, cut.x.length)).toEqual(bits(whole.x, cut.x.length))
    expect(cut.mask).toEqual(whole.mask.slice(0, cut.mask.length))
    expect(bits(cut.statics, cut.statics.length)).toEqual(bits(whole.statics, cut.statics.length))
  })

  test('two runs write the same bytes', async () => {
    await trainerJson(['sequences', '--data-path', signals, '--output-dir', at('again')], { env })
    expect(hashes(at('again'))).toEqual(hashes(at('sequences')))
  })

  test.each<[what: string, args: readonly string[], message: string]>([
    [
      'a session that the signals lack',
      ['--date', '2023-01-03'],
      'dates=2023-01-03: no matching dates; the signals have 20 dates from 2024-10-28 to 2024-11-22',
    ],
    [
      'a session before the averages know anything',
      ['--date', '2024-10-28'],
      'trainer: --date 2024-10-28: no touch has a bar on which every channel is known: the averages need sessions before',
    ],
    ['a channel that does not exist', ['--channels', 'close', 'vwap'], '"vwap" is not one of open, high, low, close'],
    ['a length of none', ['--seq-len', '0'], '"0" is not a whole number of at least 1'],
  ])('refuses %s', async (_what, args, message) => {
    const { code, err } = await trainer(['sequences', '--data-path', signals, '--output-dir', at('none'), ...args])
    expect(code).not.toBe(0)
    expect(err).toContain(message)
  })

  test('refuses bars that are not those of the signals', async () => {
    const { bars } = await readBars([at('bars.parquet')])
    writeFileSync(at('other.csv'), csvUpTo({ ...bars, close: bars.high }, bars.ts.at(-1) ?? 0n))
    const args = ['sequences', '--data-path', signals, '--bars', at('other.csv'), '--output-dir', at('none')]
    const { code, err } = await trainer(args)
    expect(code).toBe(1)
    expect(err).toContain('are not the bars that the signals were made from: the touch minute')
  })
})

function csvUpTo(bars: Bars, last: bigint): string {
  const lines = Array.from(bars.ts, (ts, i) =>
    [
      new Date(Number(ts / 1_000_000n)).toISOString(),
      bars.open[i],
      bars.high[i],
      bars.low[i],
      bars.close[i],
      bars.volume[i],
    ].join(','),
  )
  const count = bars.ts.filter((ts) => ts <= last).length
  return `timestamp,open,high,low,close,volume\n${lines.slice(0, count).join('\n')}\n`
}

describe('trainer patchtst', () => {
  test('learns what the simulator planted, on sessions after those it was trained on', () => {
    const [first] = trained.history
    const last = trained.history.at(-1)
    expect(last?.trainLoss).toBeLessThan((first?.trainLoss ?? 0) - 0.3)
    expect(trained.validation['direction']?.['auc']).toBeGreaterThan(0.65)
    expect(trained.validation['reach']?.['auc']).toBeGreaterThan(0.65)
  })

  test('learns nothing from shuffled labels', async () => {
    const days = await Promise.all(trainFiles.map((file) => readSequences(file)))
    const dealt = shuffled(days.map(({ yBreak }) => yBreak))
    const paths = days.map((_, i) => at(`shuffled_${i}.npz`))
    for (const [i, { x, source: _source, ...data }] of days.entries()) {
      await writeSequences(paths[i] ?? '', { ...data, x: [x], yBreak: dealt[i] ?? data.yBreak })
    }
    const fit = [...FIT, '--tasks', 'direction']
    const { validation } = await trainPatchTst(at('shuffled'), paths, valFiles, fit)
    expect(validation['direction']?.['auc']).toBeLessThan(0.6)
  })
})

describe('trainer compare', () => {
  const bundles = at('models')
  const compare = ['compare', '--model-dir', bundles, '--data-path', signals, '--output-dir', at('reports')]
  let compared: CompareOutput

  beforeAll(async () => {
    const dates = ['--train-dates', ...trainFiles.map(day), '--val-dates', ...valFiles.map(day)]
    const few = ['--rounds', '40', '--max-depth', '4', '--threads', '1']
    const trees = ['--anchors', '4min', '--horizons', '60', '300', ...few]
    const place = ['--data-path', signals, '--output-dir', bundles, '--tracking', 'none']
    await trainerJson(['train', ...place, ...trees, ...dates, '--test-dates', ...testFiles.map(day)], { env })
    const args = [...compare, '--patchtst', trained.written.model, '--test-files', ...testFiles]
    compared = await trainerJson<CompareOutput>(args, { env })
  })

  test('scores all models on the same events, as the model file itself answers', async () => {
    const head = compared.comparison.heads.find(({ name }) => name === 'direction')
    expect(Object.keys(head?.models ?? {})).toEqual(['patchtst', 'served', 'retrieval', 'law', 'base'])
    const loaded = await loadModel(trained.written.model)
    const [p, y]: [number[], number[]] = [[], []]
    for (const file of testFiles) {
      const data = await readSequences(file)
      const { direction } = await predictPatchTst(loaded, toSequenceSet(data, trained.record.statics))
      for (const [i, label] of data.yBreak.entries()) {
        if (label === -1) continue
        p.push(direction?.[i] ?? Number.NaN)
        y.push(label)
      }
    }
    expect((head?.rows ?? 0) + (head?.leftOut ?? 0)).toBeGreaterThanOrEqual(y.length)
    expect(head?.rows).toBe(y.length)
    const brier = p.reduce((sum, value, i) => sum + (value - (y[i] ?? 0)) ** 2, 0) / y.length
    expect(head?.models['patchtst']?.['brier']?.estimate).toBeCloseTo(brier, 6)
    const saved = (head?.models['served']?.['brier']?.estimate ?? 0) - brier
    expect(head?.models['patchtst']?.['gain_brier']?.estimate).toBeCloseTo(saved, 6)
  })

  test('shows that what is served and PatchTST beat the base rate where something was planted', () => {
    const models = compared.comparison.heads.find(({ name }) => name === 'direction')?.models
    for (const id of ['served', 'patchtst']) {
      expect(models?.[id]?.['brier_skill']?.estimate).toBeGreaterThan(0.05)
      expect(models?.[id]?.['auc']?.estimate).toBeGreaterThan(0.65)
    }
    expect(models?.['base']?.['auc']?.estimate).toBe(0.5)
  })

  test('prints one table', async () => {
    const { code, out } = await trainer([...compare, '--patchtst', trained.written.model, '--test-files', ...testFiles])
    expect(code).toBe(0)
    expect(out).toMatch(/^PatchTST, the served forecasts and neighbours at 4min on 4 sessions/)
    expect(out).toMatch(/direction +PatchTST +\d\.\d{4} \[\d\.\d{4}, \d\.\d{4}\]/)
  })

  test('refuses sessions that PatchTST was trained on', async () => {
    const args = [...compare, '--patchtst', trained.written.model, '--test-files', ...files.slice(10)]
    const { code, err } = await trainer(args)
    expect(code).toBe(1)
    expect(err).toContain('walk-forward violation: PatchTST was trained or stopped on these dates')
  })

  test('refuses sessions that the trees were trained on', async () => {
    const fit = ['--epochs', '1', '--tracking', 'none']
    const early = await trainPatchTst(at('early'), files.slice(0, 5), files.slice(5, 6), fit)
    const args = [...compare, '--patchtst', early.written.model, '--test-files', ...files.slice(8, 10)]
    const { code, err } = await trainer(args)
    expect(code).toBe(1)
    expect(err).toContain('walk-forward violation: the models were trained, stopped or calibrated on these dates')
  })

  test('says what is missing where there is no model', async () => {
    const { code, err } = await trainer([...compare, '--patchtst', 'nowhere.onnx', '--test-files', ...testFiles])
    expect(code).toBe(1)
    expect(err).toContain('trainer: nowhere.onnx: the PatchTST model is missing. Run `breakwater patchtst` first')
  })
})

describe('the help of the commands', () => {
  test.each(['sequences', 'patchtst', 'compare'])('%s has examples', async (name) => {
    const { code, out } = await trainer([name, '--help'])
    expect(code).toBe(0)
    expect(out).toContain(`\nExamples:\n  trainer ${name} --`)
  })
})
