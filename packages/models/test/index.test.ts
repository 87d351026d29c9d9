import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ANCHOR_SECONDS, type HeadTarget, numbersOf, stringColumn, stringsOf, timesOf } from '@breakwater/features'
import {
  encodeAtAnchor,
  anchorFeatures,
  ask,
  both,
  constantOf,
  fitOnRows,
  indexDates,
  indexedRows,
  indexFiles,
  locate,
  nearestTouches,
  retrievalHeads,
  takeTable,
  targetsOf,
  trainingRows,
} from '@breakwater/models'
import { askNeighbours, readIndex, readIndexRecord, writeIndex } from '@breakwater/models/node'
import { createSearcher, type QueryOptions } from '@breakwater/retrieval'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATES, ORIGIN, sampleSet, sampleSignals, SCHEMA } from './sample.ts'

const signals = sampleSignals()
const { set } = await sampleSet(signals)
const { details, bundles } = set
const targets = targetsOf(details, signals)
const { encoder } = anchorFeatures(bundles, SCHEMA, '4min')
const dates = indexDates(details, undefined)
const [rows] = indexedRows(details, signals, dates).slice(-1)
const mask = rows?.train ?? new Uint8Array()
const OPTIONS = { k: 12, episodeCap: 2 }
const fitted = fitOnRows({ signals, targets }, { encoder, mask }, { ...OPTIONS, anchor: '4min' })
const folder = mkdtempSync(join(tmpdir(), 'breakwater-index-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the rows of an index', () => {
  test('are those that the last fold trained on, purged of labels that reach into its later roles', () => {
    expect(dates).toEqual({ dates: DATES.slice(0, 7), named: false })
    const { codes, dictionary } = stringColumn(signals.table, 'date')
    const trained = new Set(
      [...codes.keys()].filter((row) => mask[row] === 1).map((row) => dictionary[codes[row] ?? -1]),
    )
    expect(trained).toEqual(new Set(DATES.slice(0, 7)))
    expect(fitted.index.rows).toBe(mask.reduce((sum, bit) => sum + bit, 0))
  })

  test('are of named dates, which the signals have and which come before the test', () => {
    const named = indexDates(details, [DATES[1] ?? '', DATES[0] ?? ''])
    expect(named).toEqual({ dates: DATES.slice(0, 2), named: true })
    const [only, ...others] = indexedRows(details, signals, named)
    expect(others).toEqual([])
    expect(only?.fold).toBe(1)
    expect(() => indexDates(details, ['2031-01-02'])).toThrow(
      'models: trainDates 2031-01-02: no matching dates: the set was trained with signals from 2024-03-04 to 2024-03-15.',
    )
    expect(() => indexDates(details, [DATES[8] ?? ''])).toThrow(
      'models: trainDates 2024-03-14: walk-forward violation: the test dates begin at 2024-03-14.',
    )
  })
})

describe('an index on disk', () => {
  const record = join(folder, 'retrieval_index_stage_b_full.json')
  beforeAll(async () => {
    const described = {
      ...({ stage: 'stage_b', ablation: 'full', anchor: '4min', index: fitted.index, encoder } as const),
      sessions: dates.dates,
      data: { hash: signals.hash, files: signals.files, schemaVersion: SCHEMA.version },
      evaluation: { rows: 7 },
    }
    await writeIndex(folder, described, ORIGIN)
  })

  test('answers as the index in memory does, under the names that its reader looks for', async () => {
    const { index, record: json } = indexFiles({ stage: 'stage_b', ablation: 'full' }, '4min')
    expect(new Set(readdirSync(folder))).toEqual(new Set([index, json, 'versions']))
    expect(indexFiles({ stage: 'stage_a', ablation: 'ta' }, '2min').index).toBe(
      'retrieval_index_stage_a_ta_2min.safetensors',
    )
    const read = await readIndexRecord(record)
    expect(read).toMatchObject({
      rows: fitted.index.rows,
      episodeCap: 2,
      sessions: dates.dates,
      evaluation: { rows: 7 },
    })
    const back = await readIndex(record, read)
    expect(back.encoder).toEqual(encoder)
    const { matrix } = encodeAtAnchor(encoder, signals.table, '2min')
    const width = matrix.columns.length
    const row = Float32Array.from({ length: width }, (_, column) => matrix.values[column * matrix.rows + 2000] ?? 0)
    const query: QueryOptions = {
      asOf: (timesOf(signals.table, 'ts_ns').at(-1) ?? 0n) + 10n ** 13n,
      horizons: [60],
      filters: { levelKindName: 'ROUND', direction: 'UP', gammaBucket: null },
    }
    expect(createSearcher(back.index).query(row, query)).toEqual(createSearcher(fitted.index).query(row, query))
  })

  test('is refused where a file is changed, absent or something else', async () => {
    await expect(readIndexRecord(join(folder, 'nothing.json'))).rejects.toThrow('the retrieval index is missing')
    const read = await readIndexRecord(record)
    const file = join(folder, read.file)
    const other = join(folder, 'other.json')
    writeFileSync(other, '{"format":"breakwater-retrieval"}')
    await expect(readIndexRecord(other)).rejects.toThrow(`models: ${other}: version: `)
    writeFileSync(other, 'text')
    await expect(readIndexRecord(other)).rejects.toThrow(`models: ${other}: is not JSON.`)
    const bytes = readFileSync(file)
    const changed = { ...read, sha256: '0'.repeat(64) }
    await expect(readIndex(record, changed)).rejects.toThrow(
      `models: ${file}: its SHA-256 is not the one in retrieval_index_stage_b_full.json`,
    )
    expect(readFileSync(file)).toEqual(bytes)
  })
})

describe('the neighbours of predicted rows', () => {
  const part = { signals, predictions: set.predictions, targets, keep: (date: string) => date !== DATES[9] }
  const located = locate(signals.table, set.predictions)

  test('are those of an index of the row’s own fold, asked one by one, and of wanted sessions alone', async () => {
    const progress: number[] = []
    const onProgress = (done: number, total: number): void => void progress.push(done / total)
    const answers = (await askNeighbours({ trained: set, parts: [part], options: OPTIONS, onProgress }))(part, '4min')
    const { codes, dictionary } = stringColumn(signals.table, 'date')
    const last = DATES[8]
    const places = [...located.keys()].filter((i) => dictionary[codes[located[i] ?? -1] ?? -1] === last)
    const searcher = createSearcher(fitted.index)
    const question = {
      table: signals.table,
      matrix: fitted.matrix,
      rows: Int32Array.from(places, (i) => located[i] ?? -1),
      anchor: '4min',
      k: OPTIONS.k,
      horizons: [60],
    } as const
    const width = fitted.matrix.columns.length
    const query = (
      values: Float32Array,
      options: readonly QueryOptions[],
    ): ReturnType<Parameters<typeof ask>[0]['query']> =>
      Promise.resolve(options.map((each, i) => searcher.query(values.subarray(i * width, (i + 1) * width), each)))
    const alone = await ask({ query }, question, undefined, () => undefined)
    expect(places.map((i) => answers[i])).toEqual(alone)
    expect(
      answers.filter((_, i) => dictionary[codes[located[i] ?? -1] ?? -1] === DATES[9]).every((one) => one === null),
    ).toBe(true)
    expect(progress.at(-1)).toBe(1)
  })

  test('forecast every head that they know of, and break and bounce', async () => {
    const answers = await askNeighbours({ trained: set, parts: [part], options: OPTIONS })
    const heads = retrievalHeads(set.predictions.heads.keys(), (anchor) => answers(part, anchor))
    expect([...heads.keys()].toSorted()).toEqual([...set.predictions.heads.keys(), 'p_bounce', 'p_break'].toSorted())
    const asked = answers(part, '4min')
    expect(heads.get('tradeable_2')).toEqual(Float64Array.from(asked, (one) => one?.pTradeable2 ?? Number.NaN))
    const reach = asked.map((one) => one?.reach.break1.probability[0] ?? Number.NaN)
    expect([...(heads.get('t1_break_60s') ?? [])]).toEqual(reach)
  })
})

describe('the touches most like rows of signals', () => {
  const { table } = signals
  const [ids, kinds, directions] = ['event_id', 'level_kind_name', 'direction'].map((name) => stringsOf(table, name))
  const [ts, strength] = [timesOf(table, 'ts_ns'), numbersOf(table, 'strength_signed')]
  const asked = Int32Array.from([900, 1500, table.rows - 1])
  const found = nearestTouches({ index: fitted.index, encoder, anchor: '4min' })(takeTable(table, asked))

  test('are past touches of the index with what became of them, known by the anchor, and never the row itself', () => {
    const rowOf = new Map((ids ?? []).map((id, row) => [id, row]))
    const ANCHOR = BigInt(ANCHOR_SECONDS['4min']) * 1_000_000_000n
    const WINDOW = BigInt(signals.lookforwardSeconds) * 1_000_000_000n
    for (const [i, row] of asked.entries()) {
      const { neighbours = [], dropped = [] } = found[i] ?? {}
      expect(neighbours).toHaveLength(OPTIONS.k)
      for (const one of neighbours) {
        const at = rowOf.get(one.eventId) ?? -1
        expect([mask[at], at === row]).toEqual([1, false])
        expect((ts[at] ?? 0n) + ANCHOR + WINDOW).toBeLessThanOrEqual((ts[row] ?? 0n) + ANCHOR)
        expect(dropped.includes('levelKindName') || kinds?.[at] === kinds?.[row]).toBe(true)
        expect(dropped.includes('direction') || directions?.[at] === directions?.[row]).toBe(true)
        expect(one.tsNs).toBe(ts[at])
        expect(one.strengthSigned ?? Number.NaN).toBe(Math.fround(strength[at] ?? 0))
      }
      const distances = neighbours.map(({ distance }) => distance)
      expect(distances).toEqual(distances.toSorted((a, b) => a - b))
    }
  })

  test('do not depend on the other rows that are asked about', () => {
    const alone = nearestTouches({ index: fitted.index, encoder, anchor: '4min' })(takeTable(table, [1500]))
    expect(alone).toEqual([found[1]])
  })
})

test('the constant forecast of training rows is their base rate, or their median', () => {
  const [fold] = trainingRows(details, signals)
  const target = targets.find(({ name }) => name === 'tradeable_2') as HeadTarget
  const train = both(fold?.train ?? new Uint8Array(), target.mask)
  const values = [...target.values].filter((_, row) => train[row] === 1)
  expect(constantOf('binary', target.values, train)).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 12)
  expect(constantOf('regression', Float32Array.of(3, 1, 9, 2), Uint8Array.of(1, 1, 1, 1))).toBe(2.5)
  expect(constantOf('binary', Float32Array.of(1), Uint8Array.of(0))).toBeNull()
})
