import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deriveHeads } from '@breakwater/features'
import type { Table } from '@breakwater/features'
import { loadSchema, readSignals, readTable } from '@breakwater/features/parquet'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askByHand, numberAt, wordAt } from './ask-by-hand.ts'
import { chromiumForTests, withoutBrowser } from './pages.ts'
import { hashes, ROOT, temporaryFolder, trainer, trainerJson } from './run-trainer.ts'

interface Score {
  readonly estimate: number | null
}

interface Head {
  readonly name: string
  readonly status: string
  readonly rows: number
  readonly sessions: number
  readonly leftOut: number
  readonly columns: Readonly<Record<string, { readonly task: string; readonly brier: Score }>>
  readonly levelKinds: readonly { readonly rows: number; readonly columns: Readonly<Record<string, unknown>> }[]
}

interface Serving {
  readonly kind: string
  readonly reason: string
}

interface CalibrateOutput {
  readonly html: string
  readonly evaluation: {
    readonly sets: readonly {
      readonly serving: readonly Serving[]
      readonly heads: readonly { readonly name: string; readonly attributions: unknown }[]
      readonly calibration: { readonly columns: readonly { readonly id: string }[]; readonly heads: readonly Head[] }
    }[]
  }
}

interface IndexOutput {
  readonly record: {
    readonly file: string
    readonly encoder: unknown
    readonly evaluation: {
      readonly scores: readonly {
        readonly question: string
        readonly rows: number
        readonly brier: { readonly neighbours: number; readonly served: number }
      }[]
    }
  }
}

const folder = temporaryFolder()
const simulation = simulate({ sessions: 16, seed: 5 })
const { dates } = simulation.truth
const [train, validation, tested, beyond] = [
  dates.slice(0, 10),
  dates.slice(10, 12),
  dates.slice(12, 14),
  dates.slice(14),
]
const signals = join(folder.path, 'signals.parquet')
const models = join(folder.path, 'models')
const env = { SOURCE_DATE_EPOCH: '1700000000' }
const SET = ['--model-dir', models, '--data-path', signals]
const K = ['--k-neighbors', '30']
let made: CalibrateOutput
let later: CalibrateOutput
let indexed: IndexOutput

const calibrate = (output: string, ...more: readonly string[]): Promise<CalibrateOutput> =>
  trainerJson<CalibrateOutput>(['calibrate', ...SET, ...K, '--output-dir', join(folder.path, output), ...more], { env })

beforeAll(async () => {
  await writeSimulation(folder.path, simulation)
  const [bars, physics] = [join(folder.path, 'bars.parquet'), join(folder.path, 'physics.parquet')]
  await trainerJson(['signals', '--bars', bars, '--physics', physics, '--output', signals])
  const roles = ['--train-dates', ...train, '--val-dates', ...validation, '--test-dates', ...tested]
  const small = ['--rounds', '30', '--anchors', '4min', '--horizons', '120', '--threads', '1']
  await trainerJson(['train', '--data-path', signals, '--output-dir', models, ...roles, ...small], { env })
  made = await calibrate('reports')
  later = await calibrate('later', '--test-dates', ...beyond)
  const index = ['index', ...SET, ...K, '--evaluate-k', '30', '--output-dir', join(folder.path, 'index')]
  indexed = (await trainerJson<{ indexes: [IndexOutput] }>(index, { env })).indexes[0]
})
afterAll(folder.remove)

function headOf({ evaluation }: CalibrateOutput, name: string): Head {
  const head = evaluation.sets[0]?.calibration.heads.find((candidate) => candidate.name === name)
  if (head === undefined) throw new Error(`${name} is among the heads`)
  return head
}

const attributionsOf = (name: string): unknown =>
  made.evaluation.sets[0]?.heads.find((head) => head.name === name)?.attributions

const brierOf = (from: CalibrateOutput, name: string, column: string): number =>
  headOf(from, name).columns[column]?.brier.estimate ?? Number.NaN

/** Calibrates with numbers of the mix and the gate. */
function tuned(name: string, tuning: object): Promise<CalibrateOutput> {
  const path = join(folder.path, `${name}.json`)
  writeFileSync(path, JSON.stringify(tuning))
  return calibrate(name, '--tuning', path)
}

async function signalsOf(wanted: readonly string[]): Promise<Table> {
  const schema = await loadSchema(join(ROOT, 'data', 'features.json'))
  return (await readSignals({ paths: signals, schema, dates: wanted })).table
}

describe('trainer calibrate', () => {
  test('puts raw trees, calibrated trees, neighbours, the law and what is served side by side on the same rows', () => {
    const set = made.evaluation.sets[0]
    const ways = ['raw', 'calibrated', 'retrieval', 'law', 'served', 'unmixed', 'documented']
    expect(set?.calibration.columns.map(({ id }) => id)).toEqual(ways)
    const names = ['tradeable_2', 'direction', 'strength_signed']
    const reach = ['', '_break', '_bounce'].flatMap((side) => ['t1', 't2'].map((t) => `${t}${side}_120s`))
    expect(set?.calibration.heads.map(({ name }) => name)).toEqual([...names, ...reach, 'p_break', 'p_bounce'])
    for (const name of ['tradeable_2', 'direction', ...reach, 'p_break', 'p_bounce']) {
      expect([name, Object.keys(headOf(made, name).columns)]).toEqual([name, ways])
    }
    // What is served of strength is the law's, as live.
    expect(Object.keys(headOf(made, 'strength_signed').columns)).toEqual([
      'raw',
      'calibrated',
      'retrieval',
      'law',
      'served',
    ])
    for (const head of set?.calibration.heads ?? []) {
      expect([head.name, head.status, head.sessions]).toEqual([head.name, 'scored', tested.length])
      if (head.columns['raw']?.task !== 'binary') continue
      expect(head.levelKinds.reduce((sum, { rows }) => sum + rows, 0)).toBe(head.rows)
      for (const kind of head.levelKinds) expect(Object.keys(kind.columns)).toEqual(Object.keys(head.columns))
    }
  })

  test('gives neighbours and what is served the Brier scores that `breakwater index` gives them', () => {
    const questions = {
      p_break: 'p_break',
      p_break_given_tradeable: 'direction',
      p_tradeable_2: 'tradeable_2',
    } as const
    for (const score of indexed.record.evaluation.scores) {
      const name = questions[score.question as keyof typeof questions]
      expect(headOf(made, name).rows).toBe(score.rows)
      expect(brierOf(made, name, 'retrieval')).toBeCloseTo(score.brier.neighbours, 12)
      expect(brierOf(made, name, 'served')).toBeCloseTo(score.brier.served, 12)
    }
  })

  test('scores a mix of other numbers too: the defaults give the hand-set mix, and none of it what is unmixed', async () => {
    const same = await tuned('same', { ensemble: { baseWeight: 0.7, weightRange: [0.2, 0.8] }, gate: { gammaStep: 1 } })
    const none = { ensemble: { weightRange: [1, 1], mostShrinkage: 0 }, gate: { barrierStep: 0, gammaStep: 0 } }
    const alone = await tuned('alone', none)
    const other = await tuned('other', { ensemble: { weightRange: [0.5, 0.5] } })
    for (const name of ['direction', 'p_break', 'p_bounce']) {
      const documented = brierOf(made, name, 'documented')
      expect(brierOf(same, name, 'tuned')).toBe(documented)
      expect(brierOf(alone, name, 'tuned')).toBeCloseTo(brierOf(made, name, 'unmixed'), 12)
      expect(brierOf(other, name, 'tuned')).not.toBeCloseTo(documented, 6)
    }
  })

  test('asks for dates beyond the plan an index of the training dates alone, as asking it row by row shows', async () => {
    const table = await signalsOf(beyond)
    const [target] = deriveHeads(table, { anchors: ['4min'], horizons: [] })
    const ask = await askByHand(join(folder.path, 'index', indexed.record.file), indexed.record.encoder, table)
    let [sum, count] = [0, 0]
    for (let row = 0; row < table.rows; row++) {
      if (target?.mask[row] !== 1) continue
      sum += ((ask(row).pTradeable2 ?? Number.NaN) - (target.values[row] ?? Number.NaN)) ** 2
      count++
    }
    expect(headOf(later, 'tradeable_2')).toMatchObject({ rows: count, sessions: beyond.length, leftOut: 0 })
    expect(brierOf(later, 'tradeable_2', 'retrieval')).toBeCloseTo(sum / count, 10)
  })

  test('serves direction as the law with its tilt, and scores the law alone beside it, by the recorded predictions', async () => {
    const table = await signalsOf(tested)
    const target = deriveHeads(table, { anchors: ['4min'], horizons: [] }).find(({ name }) => name === 'direction')
    const ask = await askByHand(join(folder.path, 'index', indexed.record.file), indexed.record.encoder, table)
    const { table: predicted } = await readTable(join(models, 'predictions_stage_b_full.parquet'))
    const placeOf = new Map(
      Array.from({ length: predicted.rows }, (_, place) => [wordAt(predicted, 'event_id', place), place]),
    )
    const ways = ['law', 'tilted'] as const
    const sums = { law: 0, tilted: 0 }
    let count = 0
    for (let row = 0; row < table.rows; row++) {
      const place = placeOf.get(wordAt(table, 'event_id', row)) ?? -1
      if (target?.mask[row] !== 1 || ask(row).pBreakGivenTradeable === null) continue
      for (const way of ways) {
        const p = numberAt(predicted, `${way}_direction`, place) ?? Number.NaN
        sums[way] += (p - (target.values[row] ?? Number.NaN)) ** 2
      }
      count++
    }
    expect(headOf(made, 'direction').rows).toBe(count)
    expect(brierOf(made, 'direction', 'served')).toBeCloseTo(sums.tilted / count, 10)
    expect(brierOf(made, 'direction', 'law')).toBeCloseTo(sums.law / count, 10)
    expect(Math.abs(sums.law - sums.tilted) / count).toBeGreaterThan(1e-4)
  })

  test('says what the set serves and why, as its metadata does', () => {
    const metadata = readFileSync(join(models, 'metadata_stage_b_full.json'), 'utf8')
    const { details } = JSON.parse(metadata) as { readonly details: { readonly serving: readonly Serving[] } }
    expect(details.serving.at(-1)).toMatchObject({ kind: 'law' })
    expect(made.evaluation.sets[0]?.serving).toEqual(details.serving)
    const page = readFileSync(join(folder.path, 'reports', 'calibration.html'), 'utf8')
    expect(page).toContain(details.serving.at(-1)?.reason)
  })

  test('refuses a date that the models were trained, stopped or calibrated on, naming it', async () => {
    for (const date of [train[3] ?? '', validation[0] ?? '']) {
      const { code, err } = await trainer(['calibrate', ...SET, '--test-dates', tested[0] ?? '', date])
      expect(code).toBe(1)
      expect(err).toContain(
        `testDates ${date}: walk-forward violation: the models were trained, stopped or calibrated on`,
      )
    }
  })

  test('writes JSON without NaN, and prints a table for a person', async () => {
    const json = readFileSync(join(folder.path, 'later', 'calibration.json'), 'utf8')
    expect(json).not.toMatch(/NaN|Infinity/)
    const { files, ...figures } = JSON.parse(json) as { readonly files: readonly { readonly file: string }[] }
    expect(figures).toEqual(later.evaluation)
    const text = (name = ''): string => readFileSync(join(folder.path, 'later', name), 'utf8')
    expect(text(files[0]?.file)).toBe(text('calibration.html'))
    const args = ['calibrate', ...SET, ...K, '--quiet', '--output-dir', join(folder.path, 'again')]
    const { code, out } = await trainer([...args, '--test-dates', ...beyond], { env })
    expect(code).toBe(0)
    expect(out).toMatch(/^Skill beyond the law: /)
    expect(out).toMatch(/^p_break +raw +\S.* - +\d\.\d{4}/m)
    expect(out).toMatch(/^ +served +\S.*-?0\.\d{4} \[-?0\.\d{4}, -?0\.\d{4}\]/m)
    expect(out.split('\n').filter((line) => line.length > 100 && !line.includes('.json'))).toEqual([])
    expect(out).not.toMatch(/NaN|undefined/)
    // a second run, so the same bytes
    expect(hashes(join(folder.path, 'again'))).toEqual(hashes(join(folder.path, 'later')))
  })

  test('takes no less than one neighbour', async () => {
    const ended = await trainer(['calibrate', ...SET, '--k-neighbors', '0'])
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('"0" is not a whole number') as string })
  })

  test('explains the key heads by contributions of their columns', () => {
    for (const name of ['tradeable_2', 'direction', 'strength_signed']) {
      expect(attributionsOf(name)).toMatchObject({
        rows: expect.any(Number) as number,
        unit: name === 'strength_signed' ? 'dollars' : 'log odds',
        columns: expect.any(Array) as unknown[],
      })
    }
    expect(attributionsOf('t1_120s')).toBeNull()
  })
})

describe.skipIf(withoutBrowser)('the reports in a browser', () => {
  const pages = chromiumForTests()
  beforeAll(async () => {
    await trainerJson(['evaluate', ...SET, '--output-dir', join(folder.path, 'reports')], { env })
    await pages.start()
  })
  afterAll(pages.stop)

  const views = [390, 1440].flatMap((width) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
  )
  const names = ['evaluation', 'calibration'] as const
  test.each(names.flatMap((name) => views.map((view) => [name, view.width, view.colorScheme, view] as const)))(
    '%s at %d px, %s: no error, no request, charts there, nothing sticks out',
    async (name, _width, _scheme, view) => {
      const url = pathToFileURL(join(folder.path, 'reports', `${name}.html`)).href
      const seen = await pages.look(url, view)
      expect(seen).toMatchObject({ problems: [], requests: [], overflow: { pixels: 0, elements: [] } })
      expect(seen.charts.length).toBeGreaterThan(name === 'calibration' ? 30 : 14)
      for (const chart of seen.charts) {
        expect(chart.label.length).toBeGreaterThan(20)
        expect(chart.width).toBeGreaterThan(200)
        expect(chart.height).toBeGreaterThan(60)
        expect(chart.right).toBeLessThanOrEqual(view.width)
      }
    },
  )

  test('print shows every chart and table in full', async () => {
    const url = pathToFileURL(join(folder.path, 'reports', 'calibration.html')).href
    // what letter paper on its side leaves between margins of 10 mm
    const seen = await pages.look(url, { width: 980, media: 'print' })
    expect(seen).toMatchObject({ problems: [], overflow: { pixels: 0, elements: [] }, scrolling: [] })
  })
})
