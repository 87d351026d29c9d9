import { buildSignals } from '@breakwater/features'
import type { Bars } from '@breakwater/features'
import { inspectBars, readBars } from '@breakwater/features/parquet'
import type { ReadBarsOptions } from '@breakwater/features/parquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { barFolder, lineOf } from './bar-files.ts'
import type { BarFolder } from './bar-files.ts'
import { randomNumbers, rowsOf, walk } from './synthetic-bars.ts'

/** Mutated files of a run; BREAKWATER_FUZZ asks for another number, BREAKWATER_FUZZ_SEED for others. */
const COUNT = Number(process.env['BREAKWATER_FUZZ'] ?? 60)
const SEED = Number(process.env['BREAKWATER_FUZZ_SEED'] ?? 1)

interface Random {
  readonly next: () => number
  readonly below: (count: number) => number
  readonly pick: <T>(values: readonly T[]) => T
}

function sourceOf(seed: number): Random {
  const next = randomNumbers(seed)
  const below = (count: number): number => Math.floor(next() * count)
  return { next, below, pick: (values) => values[below(values.length)] as (typeof values)[number] }
}

const CLEAN = rowsOf(walk({ dates: ['2024-10-31', '2024-11-01', '2024-11-04'], seed: 8, preMarketMinutes: 20 }))
const HEADER = ['time', 'open', 'high', 'low', 'close', 'volume']
const CELLS = [
  '',
  ' ',
  'NaN',
  'nan',
  'inf',
  '-inf',
  'null',
  '0',
  '-0',
  '-1',
  '1e308',
  '-1e308',
  '1e-320',
  '0x10',
  '1,5',
  '"',
  '"a',
  "'",
  ';',
  '1;2',
  '\ud800',
  'é'.repeat(300),
  '9'.repeat(400),
  '2024-11-03T01:30:00',
  '1730381400',
  '1730381400000000000',
  '-9223372036854775808',
  '9223372036854775807',
  '2024-10-31',
  '14:30:00',
  'tomorrow',
]
const NAMES = ['', 'time', 'ts_ns', 'date', 'OPEN', 'open', 'volume', 'constructor', '__proto__', 'a"b', "c'd", 'x,y']

type Cells = string[][]
type Mutation = (rows: Cells, random: Random) => void

/** A run of rows, anywhere and of any length. */
function runOf(rows: Cells, { below }: Random): { readonly from: number; readonly run: Cells } {
  const from = below(Math.max(1, rows.length))
  return { from, run: rows.slice(from, from + 1 + below(Math.max(1, rows.length - from))) }
}

const scaleRun =
  (factors: readonly number[], columns: readonly number[]): Mutation =>
  (rows, random) => {
    const factor = random.pick(factors)
    for (const row of runOf(rows, random).run)
      for (const column of columns) row[column] = String(Number(row[column]) * factor)
  }

function shiftRun(rows: Cells, random: Random): void {
  const minutes = random.pick([-1440, -60, -1, 0.5, 1, 5, 60, 1440, 525_600])
  for (const row of runOf(rows, random).run) {
    const ms = Date.parse(row[0] ?? '')
    if (!Number.isNaN(ms)) row[0] = new Date(ms + minutes * 60_000).toISOString()
  }
}

/** Changes to rows that real files show, and to cells that none should. */
const MUTATIONS: readonly Mutation[] = [
  (rows, random) => {
    const row = random.pick(rows)
    if (row !== undefined) row[random.below(row.length)] = random.pick(CELLS)
  },
  (rows, random) => {
    const { run } = runOf(rows, random)
    const [column, cell] = [random.below(HEADER.length), random.pick(CELLS)]
    for (const row of run) row[column] = cell
  },
  (rows, random) => void rows.splice(random.below(rows.length), 1 + random.below(400)),
  (rows, random) => rows.push(...runOf(rows, random).run.map((row) => [...row])),
  (rows, random) => void rows.splice(random.below(rows.length), 0, ...runOf(rows, random).run.map((row) => [...row])),
  (rows, random) => rows.push(...rows.splice(random.below(rows.length), random.below(300))),
  (rows, random) => {
    const every = 2 + random.below(4)
    rows.splice(0, rows.length, ...rows.filter((_, i) => i % every !== 1))
  },
  (rows, random) => void random.pick(rows)?.pop(),
  (rows, random) => void random.pick(rows)?.push(random.pick(CELLS)),
  (rows) => void rows.splice(0),
  scaleRun([100, 0.01, 0.25, 4, 1.5, 1e300, 0.62, -1], [1, 2, 3, 4]),
  scaleRun([100, 0.01, 1e300, 0, 1.03], [2]),
  scaleRun([0.97, 0.0001, 0, 1.1], [3]),
  scaleRun([1e306, 0, -1], [5]),
  shiftRun,
  shiftRun,
]

/** A clean file, changed in a few places. */
function mutatedText(random: Random): string {
  const rows: Cells = CLEAN.map((row) => lineOf(row).split(','))
  for (let left = random.below(4); left >= 0 && rows.length > 0; left--) random.pick(MUTATIONS)(rows, random)
  const header = [...HEADER]
  if (random.next() < 0.1) header[random.below(header.length)] = random.pick(NAMES)
  const delimiter = random.next() < 0.1 ? random.pick([';', '\t', '|']) : ','
  const end = random.next() < 0.1 ? '\r\n' : '\n'
  const start = random.next() < 0.05 ? '\uFEFF' : ''
  const text = start + [header, ...rows].map((row) => row.join(delimiter)).join(end) + end
  return random.next() < 0.05 ? text.slice(0, random.below(text.length)) : text
}

function randomOptions(random: Random): ReadBarsOptions {
  const chance = (share: number): boolean => random.next() < share
  return {
    repair: chance(0.5),
    adjust: chance(0.3),
    ...(chance(0.1) ? { stamps: 'end' } : {}),
    ...(chance(0.1) ? { priceUnit: 'cents' } : {}),
    ...(chance(0.2) ? { accept: 'all' } : {}),
    ...(chance(0.3) ? { timezone: 'America/New_York' } : {}),
    ...(chance(0.1) ? { columns: { volume: null } } : {}),
  }
}

/** What is wrong with bars that were let in; null where nothing is. */
function faultOf(bars: Bars, hasVolume: boolean): string | null {
  for (const [i, row] of rowsOf(bars).entries()) {
    const [ts, open, high, low, close, volume] = row
    const isPriced = low > 0 && high < Infinity && low <= Math.min(open, close) && high >= Math.max(open, close)
    const isCounted = hasVolume ? volume >= 0 && volume < Infinity : Number.isNaN(volume)
    const isLater = i === 0 || ts > (bars.ts[i - 1] ?? 0n)
    if (!isPriced || !isCounted || !isLater || ts % 60_000_000_000n !== 0n) return `bar ${i}: ${row.join(' ')}`
  }
  const { table } = buildSignals(bars)
  for (const name of ['level_price', 'spot', 'anchor_spot']) {
    const column = table.columns[name]
    const values = column?.type === 'number' ? [...column.values] : []
    const isNumber = name === 'anchor_spot' ? (value: number) => !(value <= 0) && value !== Infinity : Number.isFinite
    if (!values.every(isNumber)) return `${name} is no price`
  }
  return null
}

/** Refusals name the option, the column, or the rule that was broken. */
const NAMED =
  /^features: (?:paths=|columns\.|timezone=|bars=.*(?:\(rule [a-z-]+\)|has (?:no bar|\d+ rows, but no usable bar)|the time ))/s

describe(`${COUNT} mutated files of bars, seed ${SEED}`, () => {
  let folder: BarFolder
  const faults: string[] = []
  const rules = new Map<string, number>()
  const count = (name: string): void => void rules.set(name, (rules.get(name) ?? 0) + 1)
  beforeAll(async () => {
    folder = barFolder()
    const random = sourceOf(SEED)
    for (let i = 0; i < COUNT; i++) {
      const path = folder.text(mutatedText(random))
      const options = randomOptions(random)
      try {
        const { bars, report } = await readBars(path, options)
        count('accepted')
        const fault = faultOf(bars, report.hasVolume)
        if (fault !== null) faults.push(`${i}: ${fault} ${JSON.stringify(options)}`)
        const { findings } = await inspectBars(path, options)
        if (findings.some(({ verdict }) => verdict === 'refused'))
          faults.push(`${i}: inspectBars refuses what was read`)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (!NAMED.test(message)) faults.push(`${i}: ${message}`)
        count(/\(rule ([a-z-]+)\)/.exec(message)?.[1] ?? 'other')
      }
    }
  }, COUNT * 20_000)
  afterAll(() => {
    folder.remove()
  })

  test('are read whole, or refused by name; what is read has prices, and so do its signals', () => {
    expect(faults.slice(0, 5)).toEqual([])
  })

  test.runIf(COUNT >= 60)('reach acceptance and many rules', () => {
    expect(rules.get('accepted') ?? 0).toBeGreaterThan(COUNT / 20)
    expect(rules.size).toBeGreaterThan(8)
  })
})
