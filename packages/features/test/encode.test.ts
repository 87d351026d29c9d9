import { readFileSync } from 'node:fs'
import {
  checkColumns,
  emptyReport,
  encodeCounts,
  encodeRow,
  encoderFromJson,
  encoderToJson,
  encodeTable,
  fitEncoder,
  makeEncoder,
} from '@breakwater/features'
import type { ColumnSpec, EncodeCounts, EncodeReport, Encoder, RowValues, Table } from '@breakwater/features'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { floats, numbers, times, words } from './tables.ts'

const feature = (name: string, type: ColumnSpec['type']): ColumnSpec => ({
  name,
  type,
  group: 'g',
  role: 'feature',
  unit: '1',
  description: 'x',
})
const score = feature('score', 'float64')
const kind = feature('kind', 'string')

const bitsOf = (values: Float32Array): string[] =>
  Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), (word) =>
    word.toString(16).padStart(8, '0'),
  )

/** Every row of a table through the live path, in the layout of the batch path. */
const encodeRows = (encoder: Encoder, rows: readonly RowValues[]): { values: Float32Array; report: EncodeReport } => {
  const width = encoder.columns.length
  const values = new Float32Array(width * rows.length)
  const out = new Float32Array(width)
  const report = emptyReport()
  for (const [r, row] of rows.entries()) {
    encodeRow(encoder, row, out, report)
    for (const [c, value] of out.entries()) values[c * rows.length + r] = value
  }
  return { values, report }
}

const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return String(error)
  }
  return 'nothing was thrown'
}

describe('fitting an encoder', () => {
  const table: Table = {
    rows: 4,
    columns: { score: numbers([1, 2, 3, 4]), kind: words(['VWAP', 'ROUND', null, 'PM_LOW']) },
  }

  test('gives one column to a number and one to each category, sorted, in the order of the features', () => {
    expect(fitEncoder(table, [kind, score]).columns).toEqual(['kind=PM_LOW', 'kind=ROUND', 'kind=VWAP', 'score'])
  })

  test('learns from the training rows alone, whatever their order', () => {
    expect(fitEncoder(table, [kind], { rows: new Uint8Array([1, 1, 1, 0]) }).columns).toEqual([
      'kind=ROUND',
      'kind=VWAP',
    ])
    const reversed: Table = { rows: 4, columns: { kind: words(['PM_LOW', null, 'ROUND', 'VWAP']) } }
    expect(fitEncoder(reversed, [kind])).toEqual(fitEncoder(table, [kind]))
  })

  test.each<[() => unknown, string]>([
    [() => fitEncoder(table, []), 'features: features=[]: must have at least one feature.'],
    [
      () => fitEncoder(table, [kind], { rows: new Uint8Array(3) }),
      'features: rows.length=3: must be one byte a table row, 4.',
    ],
    [() => fitEncoder(table, [feature('absent', 'float64')]), 'features: table.absent: the column is missing.'],
    [() => fitEncoder(table, [feature('absent', 'string')]), 'features: table.absent: the column is missing.'],
    [() => fitEncoder(table, [feature('kind', 'float64')]), 'features: table.kind: is string, not number.'],
    [() => fitEncoder(table, [feature('score', 'string')]), 'features: table.score: is number, not string.'],
    [() => fitEncoder(table, [score, score]), 'features: encodings: two matrix columns would be called score.'],
  ])('refuses a mistake: %#', (run, message) => {
    expect(messageOf(run)).toContain(message)
  })
})

describe('encoding a table', () => {
  const encoder = makeEncoder([
    { name: 'kind', kind: 'category', categories: ['A', 'B'] },
    { name: 'score', kind: 'number' },
  ])

  test('rounds numbers to 32 bits and sets one indicator, column after column', () => {
    const { matrix, report } = encodeTable(encoder, {
      rows: 2,
      columns: { score: numbers([0.1, -2]), kind: words(['B', 'A']) },
    })
    expect(matrix).toEqual({
      columns: ['kind=A', 'kind=B', 'score'],
      rows: 2,
      values: new Float32Array([0, 1, 1, 0, 0.1, -2]),
    })
    expect(encodeCounts(report)).toEqual({ missing: {}, unseen: {} })
  })

  test('makes missing and unseen NaN, and counts them apart', () => {
    const table: Table = {
      rows: 4,
      columns: { score: floats([Number.NaN, 1, 2, 3]), kind: words(['C', null, 'C', 'D']) },
    }
    const { matrix, report } = encodeTable(encoder, table)
    expect([...matrix.values.subarray(0, 8)].every(Number.isNaN)).toBe(true)
    expect(encodeCounts(report)).toEqual({ missing: { score: 1, kind: 1 }, unseen: { kind: { C: 2, D: 1 } } })
  })

  test('needs every column that the encoder was fitted on', () => {
    expect(messageOf(() => encodeTable(encoder, { rows: 1, columns: { kind: words(['A']) } }))).toContain(
      'features: table.score: the column is missing.',
    )
    const wrong: Table = { rows: 1, columns: { kind: words(['A']), score: times([1n]) } }
    expect(messageOf(() => encodeTable(encoder, wrong))).toContain('features: table.score: is time, not number.')
  })
})

describe('encoding a live row', () => {
  const encoder = makeEncoder([
    { name: 'kind', kind: 'category', categories: ['A'] },
    { name: 'score', kind: 'number' },
  ])
  const out = new Float32Array(2)

  test('takes booleans, bigints, null and undefined', () => {
    encodeRow(encoder, { kind: 'A', score: true }, out)
    expect([...out]).toEqual([1, 1])
    encodeRow(encoder, { kind: null, score: 7n }, out)
    expect([...out]).toEqual([Number.NaN, 7])
    encodeRow(encoder, { kind: undefined, score: undefined }, out)
    expect([...out]).toEqual([Number.NaN, Number.NaN])
  })

  test('refuses a row without a column, a word for a number and a number for a word', () => {
    expect(
      messageOf(() => {
        encodeRow(encoder, { kind: 'A' }, out)
      }),
    ).toContain('features: row: score is missing, which the encoder was fitted on. Pass null for no value.')
    expect(
      messageOf(() => {
        encodeRow(encoder, { kind: 'A', score: '1' }, out)
      }),
    ).toContain('features: row.score="1": must be a number.')
    expect(
      messageOf(() => {
        encodeRow(encoder, { kind: 1, score: 1 }, out)
      }),
    ).toContain('features: row.kind=1: must be a word or null.')
    expect(
      messageOf(() => {
        encodeRow(encoder, { kind: 'A', score: 1 }, new Float32Array(3))
      }),
    ).toContain('features: out.length=3: must be 2')
  })

  test('columns are checked once at start-up', () => {
    expect(
      messageOf(() => {
        checkColumns(encoder, ['other'])
      }),
    ).toContain('features: columns: kind, score is missing')
    expect(
      messageOf(() => {
        checkColumns(encoder, ['score', 'other', 'kind'])
      }),
    ).toBe('nothing was thrown')
  })
})

describe('batch and live', () => {
  test('give the same bits and the same report for any table', () => {
    const word = fc.option(fc.constantFrom('A', 'B', 'C', 'D', ''))
    const row = fc.record({ x: fc.double(), y: fc.float(), k: word, j: word, b: fc.option(fc.boolean()) })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.nat(30), (rows, training) => {
        const flags = rows.map(({ b }) => (b === null ? Number.NaN : Number(b)))
        const table: Table = {
          rows: rows.length,
          columns: {
            x: numbers(rows.map(({ x }) => x)),
            y: floats(rows.map(({ y }) => y)),
            k: words(rows.map(({ k }) => k)),
            j: words(rows.map(({ j }) => j)),
            b: numbers(flags),
          },
        }
        const features = [
          feature('x', 'float64'),
          feature('k', 'string'),
          feature('y', 'float64'),
          feature('j', 'string'),
          feature('b', 'bool'),
        ]
        const mask = Uint8Array.from(rows, (_, i) => (i < training ? 1 : 0))
        const encoder = encoderFromJson(
          JSON.parse(JSON.stringify(encoderToJson(fitEncoder(table, features, { rows: mask })))),
        )
        const batch = encodeTable(encoder, table)
        const live = encodeRows(encoder, rows)
        expect(bitsOf(live.values)).toEqual(bitsOf(batch.matrix.values))
        expect(live.report).toEqual(batch.report)
      }),
    )
  })

  test('give the bits of the golden file, which another program computed', () => {
    const golden = JSON.parse(readFileSync(new URL('fixtures/encoder.json', import.meta.url), 'utf8')) as {
      encoder: unknown
      columns: string[]
      rows: Record<string, number | boolean | string | null>[]
      bits: string[][]
      report: EncodeCounts
    }
    const encoder = encoderFromJson(golden.encoder)
    expect(encoder.columns).toEqual(golden.columns)
    expect(encoderToJson(encoder)).toEqual(golden.encoder)
    const number = (name: string) =>
      numbers(golden.rows.map((row) => (row[name] === null ? Number.NaN : Number(row[name]))))
    const word = (name: string) => words(golden.rows.map((row) => (row[name] === null ? null : String(row[name]))))
    const table: Table = {
      rows: golden.rows.length,
      columns: {
        tape_imbalance: number('tape_imbalance'),
        level_kind_name: word('level_kind_name'),
        sweep_detected: number('sweep_detected'),
        direction: word('direction'),
        gamma_exposure: number('gamma_exposure'),
      },
    }
    const byColumn = golden.columns.flatMap((_, c) => golden.bits.map((row) => row[c]))
    const batch = encodeTable(encoder, table)
    const live = encodeRows(encoder, golden.rows)
    expect(bitsOf(batch.matrix.values)).toEqual(byColumn)
    expect(bitsOf(live.values)).toEqual(byColumn)
    expect([encodeCounts(batch.report), encodeCounts(live.report)]).toEqual([golden.report, golden.report])
  })
})

describe("an encoder's JSON", () => {
  const json = encoderToJson(makeEncoder([{ name: 'score', kind: 'number' }])) as Record<string, unknown>

  test.each<[unknown, string]>([
    [null, 'features: encoder.: '],
    [{ ...json, version: 2 }, 'features: encoder.version: '],
    [{ ...json, format: 'other' }, 'features: encoder.format: '],
    [{ ...json, encodings: [] }, 'features: encoder.encodings: '],
    [{ ...json, encodings: [{ name: 'a', kind: 'category' }] }, 'features: encoder.encodings.0.categories: '],
    [{ ...json, encodings: [{ name: 'a', kind: 'tree' }] }, 'features: encoder.encodings.0.kind: '],
    [
      {
        ...json,
        encodings: [
          { name: 'a', kind: 'number' },
          { name: 'a', kind: 'number' },
        ],
      },
      'two matrix columns would be called a',
    ],
    [{ ...json, more: 1 }, 'more'],
  ])('from a stranger is refused: %j', (stranger, message) => {
    expect(messageOf(() => encoderFromJson(stranger))).toContain(message)
  })
})
