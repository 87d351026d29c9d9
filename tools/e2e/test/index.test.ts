import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deriveHeads } from '@breakwater/features'
import { loadSchema, readSignals } from '@breakwater/features/parquet'
import { loadIndex } from '@breakwater/retrieval/node'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askByHand } from './ask-by-hand.ts'
import { hashes, ROOT, temporaryFolder, trainer, trainerJson } from './run-trainer.ts'

interface IndexOutput {
  readonly index: string
  readonly json: string
  readonly record: {
    readonly file: string
    readonly sha256: string
    readonly rows: number
    readonly sessions: readonly string[]
    readonly kNeighbors: number
    readonly features: readonly string[]
    readonly encoder: unknown
    readonly evaluation: {
      readonly role: string
      readonly rows: number
      readonly scores: readonly Score[]
      readonly ladder: readonly { readonly k: number; readonly rungs: readonly number[] }[]
    }
  }
}

interface Score {
  readonly question: string
  readonly k: number
  readonly rows: number
  readonly brier: { readonly neighbours: number; readonly base: number; readonly served: number }
}

interface TrainResult {
  readonly sets: readonly { readonly plan: { readonly folds: readonly { train: string[]; test: string[] }[] } }[]
}

const folder = temporaryFolder()
const signals = join(folder.path, 'signals.parquet')
const models = join(folder.path, 'models')
const out = join(folder.path, 'index')
const env = { SOURCE_DATE_EPOCH: '1700000000' }
const index = ['index', '--model-dir', models, '--output-dir', out, '--data-path', signals]
const K = ['--k-neighbors', '30', '--evaluate-k', '5,30']
let train: string[] = []
let tested: string[] = []
let made: IndexOutput

beforeAll(async () => {
  await writeSimulation(folder.path, simulate({ sessions: 12, seed: 5 }))
  const [bars, physics] = [join(folder.path, 'bars.parquet'), join(folder.path, 'physics.parquet')]
  await trainerJson(['signals', '--bars', bars, '--physics', physics, '--output', signals])
  const small = ['--folds', '1', '--rounds', '20', '--anchors', '4min', '--threads', '1']
  const args = ['train', '--data-path', signals, '--output-dir', models, ...small]
  const { sets } = await trainerJson<TrainResult>(args, { env })
  train = sets[0]?.plan.folds[0]?.train ?? []
  tested = sets[0]?.plan.folds[0]?.test ?? []
  made = (await trainerJson<{ indexes: [IndexOutput] }>([...index, ...K], { env })).indexes[0]
})
afterAll(folder.remove)

describe('the index of a bundle set', () => {
  test('holds the touches of the training dates and of no other, and says so', async () => {
    expect(made.record).toMatchObject({
      kNeighbors: 30,
      sessions: train,
      file: expect.stringMatching(/^versions\/[0-9a-f]{16}\/retrieval_index_stage_b_full\.safetensors$/) as string,
    })
    expect(made.index).toContain('retrieval_index_stage_b_full.safetensors')
    const loaded = await loadIndex(join(out, made.record.file), { features: made.record.features })
    const { stored, sessions, rows } = loaded.index
    expect(rows).toBe(made.record.rows)
    const held = new Set(Array.from(stored.session, (code) => sessions[code]))
    expect(held).toEqual(new Set(train))
    for (const date of tested) expect(held).not.toContain(date)
    expect(JSON.parse(loaded.metadata['training_dates'] ?? '')).toEqual(train)
  })

  test('is the file whose hash its description names', () => {
    const bytes = readFileSync(join(out, made.record.file))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(made.record.sha256)
    expect(JSON.parse(readFileSync(join(out, 'retrieval_index_stage_b_full.json'), 'utf8'))).toEqual(made.record)
  })

  test('is scored on rows of test dates, each k on each question, with the ladder counted', () => {
    const { role, rows, scores, ladder } = made.record.evaluation
    expect(role).toBe('test')
    expect(scores.map(({ question, k }) => `${question} ${k}`)).toEqual(
      [5, 30].flatMap((k) => ['p_break', 'p_break_given_tradeable', 'p_tradeable_2'].map((name) => `${name} ${k}`)),
    )
    for (const { rungs } of ladder) expect(rungs.reduce((a, b) => a + b)).toBe(rows)
    for (const score of scores) {
      expect(score.rows).toBeGreaterThan(0)
      for (const brier of Object.values(score.brier)) expect(brier).toBeLessThan(1)
    }
  })

  test('gives the very Brier score that asking it row by row gives', async () => {
    const schema = await loadSchema(join(ROOT, 'data', 'features.json'))
    const { table } = await readSignals({ paths: signals, schema, dates: tested })
    const [target] = deriveHeads(table, { anchors: ['4min'], horizons: [] })
    const ask = await askByHand(join(out, made.record.file), made.record.encoder, table)
    let [sum, count] = [0, 0]
    for (let row = 0; row < table.rows; row++) {
      if (target?.mask[row] !== 1) continue
      sum += ((ask(row).pTradeable2 ?? Number.NaN) - (target.values[row] ?? Number.NaN)) ** 2
      count++
    }
    const score = made.record.evaluation.scores.find(({ question, k }) => question === 'p_tradeable_2' && k === 30)
    expect(score?.rows).toBe(count)
    expect(score?.brier.neighbours).toBeCloseTo(sum / count, 10)
  })

  test('is the same in a second run, byte for byte', async () => {
    const again = join(folder.path, 'again')
    await trainerJson([...index.slice(0, 3), '--output-dir', again, '--data-path', signals, ...K], { env })
    expect(hashes(again)).toEqual(hashes(out))
  })

  test('prints a table for a person', async () => {
    const dates = train.slice(1)
    const { code, out: text } = await trainer([...index, '--quiet', '--evaluate-k', '5', '--train-dates', ...dates])
    expect(code).toBe(0)
    expect(text).toContain(`of ${dates.length} sessions (${dates[0]}..${dates.at(-1)})`)
    expect(text).toMatch(/^p_break_given_tradeable +5 +\d+ +\d+ +0\.\d{4} +0\.\d{4} +0\.\d{4}/m)
    expect(text).not.toMatch(/NaN|undefined/)
  })
})

describe('what cannot be indexed is an error with the fix', () => {
  // Dates are known only once the set is trained.
  test.each<[string, () => string[], () => string]>([
    [
      'a test date',
      () => ['--train-dates', train[0] ?? '', tested[0] ?? ''],
      () => `trainDates ${tested[0]}: walk-forward violation: the test dates begin at ${tested[0]}`,
    ],
    [
      'a date that the signals do not have',
      () => ['--train-dates', '2031-01-02'],
      () => 'trainDates 2031-01-02: no matching dates',
    ],
    ['a stage that was not trained', () => ['--stage', 'stage_a'], () => 'model bundle missing'],
    [
      'an anchor that was not trained',
      () => ['--anchor', '8min'],
      () => 'anchor 8min: model bundle missing: no head of this anchor was trained',
    ],
  ])('%s', async (_, args, message) => {
    const { code, err } = await trainer([...index, ...args()])
    expect(err).toContain(message())
    expect(code).toBe(1)
  })

  test('no neighbours', async () => {
    const { code, err } = await trainer([...index, '--k-neighbors', '0'])
    expect(code).toBe(2)
    expect(err).toContain('"0" is not a whole number of at least 1')
  })
})
