import { isDeepStrictEqual } from 'node:util'
import { createViewport } from '@breakwater/viewport'
import type { NeighbourIndex, Predictor, SnapshotLevel, Target, TargetError, Viewport } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import { barAt, fakeIndex, fakePredictor, fakeRows, headNames, levelAt, modelsOf, snapshotAt } from './fakes.ts'

const GOOD = [levelAt('ROUND', 500), levelAt('PM_HIGH', 500.4), levelAt('VWAP', 499.7)]
const BAD = levelAt('USER_HOTZONE', 500.2)
const SPOT = 499.9

interface Fault {
  readonly predictor?: Predictor
  readonly index?: NeighbourIndex
  readonly kinds?: readonly string[]
  readonly bad?: SnapshotLevel
}

function viewportOf({ predictor = fakePredictor(), index = fakeIndex(), kinds = [] }: Fault): Viewport {
  const rows = fakeRows()
  for (const kind of kinds) rows.broken.add(kind)
  return createViewport({ models: modelsOf(predictor, index), rows })
}

/** The target of the bad level after one tick among good ones, and whether the good ones are as they are without it. */
function tickWith(broken: Fault): {
  readonly bad: Target | undefined
  readonly others: boolean
  readonly last: string
} {
  const bad = broken.bad ?? BAD
  const viewport = viewportOf(broken)
  const { targets } = viewport.tick(snapshotAt(0, SPOT, [GOOD[0] ?? bad, bad, ...GOOD.slice(1)]))
  const alone = viewportOf({}).tick(snapshotAt(0, SPOT, GOOD)).targets
  const found = targets.find(({ level_id: id }) => id === bad.id)
  const code = found?.error ?? null
  return {
    bad: found,
    others: isDeepStrictEqual(
      targets.filter((target) => target !== found),
      alone,
    ),
    last: code === null ? '' : (viewport.status().failures[code]?.last ?? ''),
  }
}

/** A predictor that does something else with the row of the bad level. */
function predictorThat(
  spoil: (row: Float32Array, place: number, out: Parameters<Predictor['predict']>[2], count: number) => void,
): Predictor {
  const plain = fakePredictor()
  let bad = new Float32Array(3)
  return {
    heads: plain.heads,
    width: plain.width,
    encode(row, out) {
      plain.encode(row, out)
      if (row['level_kind_name'] === BAD.kind) bad = Float32Array.from(out)
    },
    predict(rows, count, out) {
      plain.predict(rows, count, out)
      for (let r = 0; r < count; r++) {
        const row = rows.subarray(r * 3, (r + 1) * 3)
        if (row[0] === bad[0]) spoil(row, r, out, count)
      }
    },
  }
}

const placeOf = (head: string): number => headNames().indexOf(head)

describe('what fails at one level stays there', () => {
  const cases: [string, Fault, TargetError, string][] = [
    ['features that cannot be built', { kinds: [BAD.kind] }, 'row_failed', 'no features for USER_HOTZONE'],
    [
      'physics of the wrong type',
      { bad: { ...BAD, physics: { tape_imbalance: 'much' } } },
      'row_failed',
      'physics.tape_imbalance is text',
    ],
    [
      'a row that cannot be encoded',
      {
        predictor: {
          ...fakePredictor(),
          encode(row, out) {
            if (row['level_kind_name'] === BAD.kind) throw new Error('row.atr is missing')
            fakePredictor().encode(row, out)
          },
        },
      },
      'encode_failed',
      'row.atr is missing',
    ],
    [
      'a row at which the predictor throws',
      {
        predictor: predictorThat(() => {
          throw new Error('kernel trap')
        }),
      },
      'predict_failed',
      'kernel trap',
    ],
    [
      'a probability above 1',
      { predictor: predictorThat((_, r, { values }, count) => (values[placeOf('t1_60s') * count + r] = 1.5)) },
      'predict_failed',
      'viewport: t1_60s=1.5: must lie in [0, 1]. Does the predictor give raw scores?',
    ],
    [
      'an infinite strength',
      {
        predictor: predictorThat(
          (_, r, { values }, count) => (values[placeOf('strength_signed') * count + r] = Infinity),
        ),
      },
      'predict_failed',
      'viewport: strength_signed=Infinity: must be finite.',
    ],
    [
      'a vote out of range',
      {
        index: {
          query: (row, asOfNs) =>
            row['level_kind_name'] === BAD.kind
              ? { vote: { breakGivenTradeable: 0.5, similarity: 7, entropy: 0 }, summary: {} }
              : fakeIndex().query(row, asOfNs),
        },
      },
      'mix_failed',
      'viewport: neighbours.similarity=7: must lie in [0, 1].',
    ],
  ]

  test.each(cases)('%s', (_, broken, code, message) => {
    const { bad, others, last } = tickWith(broken)
    expect(others).toBe(true)
    expect(last).toContain(message)
    expect(bad).toMatchObject({
      error: code,
      p_break: null,
      p_tradeable_2: null,
      utility_score: null,
      level_price: 500.2,
    })
    expect(bad?.time_to_threshold.t1['60']).toBeNull()
  })

  test('a look-up that fails: the trees stand alone there', () => {
    const index: NeighbourIndex = {
      query(row, asOfNs) {
        if (row['level_kind_name'] === BAD.kind) throw new Error('index is closed')
        return fakeIndex().query(row, asOfNs)
      },
    }
    const { bad, others, last } = tickWith({ index })
    expect([others, last, bad?.error]).toEqual([true, 'index is closed', 'retrieval_failed'])
    expect(bad?.ensemble).toMatchObject({ mix_weight: 1, reason: 'the retrieval look-up failed' })
    expect(bad?.retrieval).toBeNull()
    expect(bad?.p_break).toBeGreaterThan(0)
  })

  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown
  test.each([
    ['a bigint', { found: 1n }],
    ['itself', cyclic],
    ['5,000 nested lists', { deep }],
  ])('a look-up whose summary holds %s is an error of that target, and the result is JSON', (_, summary) => {
    const plain = fakeIndex()
    const index: NeighbourIndex = {
      query: (row, asOfNs) => ({
        ...plain.query(row, asOfNs),
        ...(row['level_kind_name'] === BAD.kind ? { summary } : {}),
      }),
    }
    const { bad, others, last } = tickWith({ index })
    expect([others, bad?.error, bad?.retrieval]).toEqual([true, 'retrieval_failed', null])
    expect(last).toBe('viewport: neighbours.summary: must be plain JSON, at most 6 deep. Convert bigints.')
    expect(bad?.p_break).toBeGreaterThan(0)
  })

  test('a loaded head that gives no answer: its field is null and the target says so', () => {
    const silent = predictorThat(
      (_, r, { values }, count) => (values[placeOf('t2_bounce_300s') * count + r] = Number.NaN),
    )
    const { bad, others, last } = tickWith({ predictor: silent })
    expect([others, last, bad?.error]).toEqual([true, 'viewport: no answer from t2_bounce_300s.', 'head_failed'])
    expect(bad?.time_to_threshold.t2_bounce['300']).toBeNull()
    expect(bad?.p_break).toBeGreaterThan(0)
  })

  test('a confirmed level whose prediction failed once is asked about again, though its row never changes', () => {
    let fails = false
    const plain = fakePredictor()
    const predictor: Predictor = {
      ...plain,
      predict(rows, count, out) {
        if (fails) throw new Error('out of memory')
        plain.predict(rows, count, out)
      },
    }
    const viewport = createViewport({ models: modelsOf(predictor), rows: fakeRows() })
    const touched = levelAt('ROUND', 500)
    viewport.tick(snapshotAt(10, 499.95, [touched]))
    viewport.tick(snapshotAt(60, 499.95, [touched], [barAt(0)]))
    fails = true
    const failed = viewport.tick(snapshotAt(240, 499.95, [touched])).targets[0]
    fails = false
    const again = viewport.tick(snapshotAt(240.25, 499.95, [touched])).targets[0]
    expect([failed?.error, failed?.p_break]).toEqual(['predict_failed', null])
    expect([again?.error, again?.row_basis, again?.p_break]).toEqual([null, 'confirmation', expect.any(Number)])
  })

  test('a level that fails now and then is scored again when it does not', () => {
    const rows = fakeRows()
    const viewport = createViewport({ models: modelsOf(fakePredictor()), rows })
    const errors = [true, false, true].map((fails, i) => {
      if (fails) rows.broken.add(BAD.kind)
      else rows.broken.delete(BAD.kind)
      // Another price, so that the row is made anew.
      return viewport.tick(snapshotAt(i, SPOT, [{ ...BAD, price: 500.2 + i / 100 }])).targets[0]?.error
    })
    expect(errors).toEqual(['row_failed', null, 'row_failed'])
    expect(viewport.status().failures.row_failed?.count).toBe(2)
  })
})

test('a tick that fails half-way leaves nothing to the next', () => {
  const rows = fakeRows()
  const supposed = rows.supposed.bind(rows)
  let fails = true
  rows.supposed = (level, sign) => {
    const row = supposed(level, sign)
    if (row === null || level.kind !== 'VWAP') return row
    return Object.defineProperty(row, 'revision', {
      get: () => {
        if (fails) throw new Error('torn')
        return 0
      },
    })
  }
  const predictor = fakePredictor()
  const viewport = createViewport({ models: modelsOf(predictor), rows, mostTargets: 3, mostPinned: 0 })
  for (let i = 0; i < 5; i++) expect(() => viewport.tick(snapshotAt(i, SPOT, GOOD))).toThrow('torn')
  fails = false
  const { targets } = viewport.tick(snapshotAt(5, SPOT, GOOD))
  expect(targets.map(({ error }) => error)).toEqual([null, null, null])
  // Three at each of six ticks.
  expect(predictor.rowsAsked).toBe(18)
})

describe('a level that cannot be a target', () => {
  test('is rejected by its place with a code, and the others are scored', () => {
    const levels = [
      null as unknown as SnapshotLevel,
      { ...BAD, id: 7 as unknown as string },
      { ...BAD, kind: '' },
      { ...BAD, id: '' },
      { ...BAD, id: 'nan', price: Number.NaN },
      { ...BAD, id: 'zero', price: 0 },
      { ...BAD, id: 'text', price: '500' as unknown as number },
      ...GOOD,
      { ...levelAt('VWAP', 499.5), id: 'second' },
      { ...levelAt('ROUND', 500.001), id: 'same cent' },
    ]
    const viewport = viewportOf({})
    const { targets, rejected } = viewport.tick(snapshotAt(0, SPOT, levels))
    expect(rejected).toEqual([
      { index: 0, level_id: null, code: 'bad_level' },
      { index: 1, level_id: null, code: 'bad_level' },
      { index: 2, level_id: BAD.id, code: 'bad_level' },
      { index: 3, level_id: '', code: 'bad_level' },
      { index: 4, level_id: 'nan', code: 'bad_price' },
      { index: 5, level_id: 'zero', code: 'bad_price' },
      { index: 6, level_id: 'text', code: 'bad_price' },
      { index: 10, level_id: 'second', code: 'duplicate_level' },
      { index: 11, level_id: 'same cent', code: 'duplicate_level' },
    ])
    expect(targets).toEqual(viewportOf({}).tick(snapshotAt(0, SPOT, GOOD)).targets)
    expect(viewport.status().rejectedLevels).toBe(9)
  })
})
