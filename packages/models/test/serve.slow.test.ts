import {
  encodeTable,
  encoderFromJson,
  emptyReport,
  findColumn,
  headName,
  parseHeadName,
  reachKey,
  stringColumn,
  withConfirmed,
} from '@breakwater/features'
import type { RowValues, Table } from '@breakwater/features'
import {
  anchorFeatures,
  bundlePredictor,
  emptyCounts,
  fitOnRows,
  forecastTable,
  locate,
  neighbourIndex,
  type ServeOptions,
  serveTable,
  targetsOf,
  trainingRows,
} from '@breakwater/models'
import { askNeighbours } from '@breakwater/models/node'
import { createViewport, type RowSource, type Target, type TouchRow } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import { SCHEMA, sampleSet, sampleSignals } from './sample.ts'

const MINUTE = 60_000_000_000n
const ANCHOR_NS = 4n * MINUTE
const OPTIONS = { k: 20, episodeCap: 2 }

const signals = sampleSignals()
/** The signals as the heads of the 4-minute anchor see them. */
const table = withConfirmed(signals.table, '4min')
const { set } = await sampleSet(signals)
const targets = targetsOf(set.details, signals)

/** The recorded rows of the last fold, whose models are those that a live system serves. */
const rows = locate(table, set.predictions)
const places = [...rows.keys()].filter((i) => set.predictions.fold[i] === 1)

const part = { signals, predictions: set.predictions, targets, keep: () => true }
const answers = await askNeighbours({ trained: set, parts: [part], options: OPTIONS })

/** The values of a table row that are known at the 4-minute anchor, as a live row has them. */
function valuesAt(row: number): RowValues {
  const values: Record<string, number | string | null> = {}
  for (const [name, column] of Object.entries(table.columns)) {
    const spec = findColumn(SCHEMA, name)
    const isOfAnchor = SCHEMA.moments.some((moment) => moment.name === name)
    const isKnown =
      isOfAnchor || (spec?.role !== 'label' && spec?.lookahead === undefined && (spec?.knownAfterS ?? Infinity) <= 240)
    if (column.type === 'time') continue
    const value = column.type === 'string' ? (column.dictionary[column.codes[row] ?? -1] ?? null) : column.values[row]
    values[name] = isKnown ? (value ?? null) : null
  }
  return values
}

/** A source whose one touch is a row of the table. */
function sourceOf(row: number, tsNs: bigint): RowSource {
  const sign =
    stringColumn(table, 'direction').dictionary[stringColumn(table, 'direction').codes[row] ?? -1] === 'UP' ? 1 : -1
  const touch: TouchRow = {
    tsNs,
    sign,
    approachVelocity: Number.NaN,
    confluence: Number.NaN,
    revision: 1,
    values: () => valuesAt(row),
  }
  return { version: 1, lastBarNs: tsNs - MINUTE, push: () => undefined, supposed: () => touch, touched: () => touch }
}

/** What a live system publishes of a touch once it is confirmed, by the bundles and an index of their training rows. */
function publish(serving: ServeOptions): (place: number) => Target {
  const predictor = bundlePredictor(set.bundles, emptyReport())
  const { encoder } = anchorFeatures(set.bundles, SCHEMA, '4min')
  const fold = trainingRows(set.details, signals).at(-1)
  if (fold === undefined) throw new Error('the set has folds')
  const { index } = fitOnRows({ signals, targets }, { encoder, mask: fold.train }, { ...OPTIONS, anchor: '4min' })
  const lookUp = { horizons: [60], listed: 0, timeOf: String }
  const [fitted = null] = serving.fits?.filter((one) => one.fold === fold.fold) ?? []
  const mix = fitted === null ? null : { kind: 'fitted' as const, fitted }
  const stage = { predictor, mix, neighbours: neighbourIndex(index, encoder, lookUp, emptyCounts()) }
  return (place) => {
    const tsNs = set.predictions.tsNs[place] ?? 0n
    const viewport = createViewport({
      models: { stage_a: stage, stage_b: stage },
      rows: sourceOf(rows[place] ?? -1, tsNs),
      horizons: [60],
      thresholds: signals.thresholds,
      ...serving,
    })
    const levels = [{ id: 'level', kind: 'ROUND', price: 510 }]
    const tick = (ns: bigint): Target | undefined =>
      viewport.tick({ tsNs: ns, spot: 510, bid: null, ask: null, levels, bars: [] }).targets[0]
    tick(tsNs)
    const target = tick(tsNs + ANCHOR_NS)
    if (target?.row_basis !== 'confirmation') throw new Error(`not confirmed: ${JSON.stringify(target?.error)}`)
    return target
  }
}

/** The heads, which the law stands before by default. */
const HEADS: ServeOptions = { source: 'heads' }

const TUNED: ServeOptions = {
  ...HEADS,
  ensemble: { baseWeight: 0.5, weightRange: [0.1, 0.9], differFrom: 0.2, mostShrinkage: 0.3 },
  gate: { barrierStep: 0.25, gammaStep: 0.5, tapeFrom: 0.1, gammaFrom: 20_000 },
}

const FITTED: ServeOptions = {
  ...HEADS,
  fits: [0, 1].map((fold) => ({
    fold,
    anchor: '4min',
    neighbours: 0.3 + 0.1 * fold,
    gate: 0.5,
    reasons: { neighbours: 'used', gate: 'used' },
    tested: { neighbours: { saved: 1, standardError: 0 }, gate: { saved: 1, standardError: 0 } },
    rows: 1,
    sessions: 1,
  })),
}

describe('a row that is evaluated and one that is served', () => {
  test.each([
    ['with the numbers of the original system', HEADS],
    ['with a tuned mix and gate', TUNED],
    ['with terms that training fitted', FITTED],
  ])('have the same scores to the bit, %s', (_, serving) => {
    const served = serveTable(part, (anchor) => answers(part, anchor), serving)
    const live = publish(serving)
    let gated = 0
    let mixed = 0
    for (const place of places) {
      const target = live(place)
      expect([target.p_break_given_tradeable, target.p_break, target.p_bounce, target.p_tradeable_2]).toEqual(
        [
          served.get(headName({ kind: 'direction' }, '4min')),
          served.get('p_break'),
          served.get('p_bounce'),
          set.predictions.calibrated.get('tradeable_2'),
        ].map((column) => column?.[place]),
      )
      gated += Number(target.feasibility_mask?.break_logit_bias !== 0)
      mixed += Number(target.ensemble?.reason === null)
    }
    expect(places.length).toBeGreaterThan(500)
    // The mix and the gate both had something to say.
    expect(gated).toBeGreaterThan(50)
    expect(mixed).toBeGreaterThan(500)
  })

  test('have the same values of every other head to the bit', () => {
    const live = publish(HEADS)
    for (const place of places) {
      const { p_tradeable_2: tradeable, strength_signed: strength, time_to_threshold: reach } = live(place)
      for (const [name, values] of set.predictions.calibrated) {
        const question = parseHeadName(name)?.question
        if (question?.kind === 'direction') continue
        const window = question?.kind === 'strength_signed' ? strength : tradeable
        const published: unknown = question?.kind === 'reach' ? Reflect.get(reach, reachKey(question)) : window
        expect(published).toEqual(question?.kind === 'reach' ? { 60: values[place] } : values[place])
      }
    }
  })
})

describe('serveTable', () => {
  test('serves other numbers where the mix or the gate is tuned, and the trees alone without either', () => {
    const asked = (anchor: Parameters<typeof answers>[1]): ReturnType<typeof answers> => answers(part, anchor)
    const plain = serveTable(part, asked, HEADS)
    const tuned = serveTable(part, asked, TUNED)
    expect([...tuned.keys()]).toEqual(['direction', 'p_break', 'p_bounce'])
    expect(tuned.get('direction')).not.toEqual(plain.get('direction'))
    const alone = serveTable(part, () => [], { ...HEADS, gate: { barrierStep: 0, gammaStep: 0 } })
    expect(alone.get('direction')).toEqual(set.predictions.calibrated.get('direction'))
  })

  test('gives break and bounce that add up to tradeable', () => {
    const served = serveTable(part, () => [], HEADS)
    const tradeable = set.predictions.calibrated.get('tradeable_2') ?? []
    for (const [i, p] of tradeable.entries()) {
      expect((served.get('p_break')?.[i] ?? 9) + (served.get('p_bounce')?.[i] ?? 9)).toBeCloseTo(p, 14)
    }
  })

  test('serves every probability of a law that was chosen as it is, with break and bounce of it', () => {
    expect(set.details.serving.map(({ kind }) => kind)).toEqual(['law', 'law'])
    const served = serveTable(part, () => [])
    const { tilted: law } = set.predictions
    // Touches whose anchor is past the session's end have no law; live there is no session then.
    const probabilities = [...law].filter(([name]) => parseHeadName(name) !== null && !name.startsWith('strength'))
    expect(probabilities.length).toBeGreaterThan(5)
    for (const [name, values] of probabilities) {
      expect(served.get(name)?.map((p, i) => (Number.isNaN(values[i]) ? Number.NaN : p))).toEqual(values)
    }
    const [tradeable, direction] = [law.get('tradeable_2'), law.get('direction')]
    for (const [i, p] of tradeable?.entries() ?? []) {
      if (Number.isNaN(p)) continue
      const given = direction?.[i] ?? Number.NaN
      expect(served.get('p_break')?.[i]).toBe(p * given)
      expect(served.get('p_bounce')?.[i]).toBe(p * (1 - given))
    }
  })

  test('serves a forecast of a table as it serves recorded predictions', () => {
    const forecast = { ...part, predictions: forecastTable(set, table) }
    const all = serveTable(forecast, () => []).get('p_break')
    const recorded = serveTable(part, () => []).get('p_break')
    for (const place of places) expect(all?.[rows[place] ?? -1]).toBe(recorded?.[place])
  })
})

/** What {@link encodeTable} is compared with nowhere else: a live row and its table row encode to the same bits. */
test('a live row encodes to the bits of its table row', () => {
  const predictor = bundlePredictor(set.bundles, emptyReport())
  const [first] = set.bundles.values()
  const { matrix } = encodeTable(encoderFromJson(first?.description.encoder), table satisfies Table)
  const out = new Float32Array(predictor.width)
  for (const place of places.slice(0, 50)) {
    const row = rows[place] ?? -1
    predictor.encode(valuesAt(row), out)
    expect([...out]).toEqual(matrix.columns.map((_, column) => matrix.values[column * matrix.rows + row]))
  }
})
