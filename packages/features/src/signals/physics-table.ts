import { MISSING_NS } from '../table.ts'
import type { Column, StringColumn, Table } from '../table.ts'
import { MINUTE_NS, minuteOf } from './day.ts'
import { NO_PHYSICS, PHYSICS_NUMBERS, PHYSICS_WORDS } from './physics.ts'
import type { PhysicsNumber, PhysicsValues, PhysicsWord } from './physics.ts'
import { KNOWN_AFTER_S as PRESSURES } from './pressures.ts'
import { KNOWN_AFTER_S as SPARSE } from './sparse.ts'

/** Finds the physics of a touch. */
export interface PhysicsSource {
  /** Rows of the table; 0 without one. */
  readonly rows: number
  /** The row of the touch of a level at `price` in the minute `minute`, -1 when there is none. */
  find(minute: number, price: number): number
  /** Values of a row; all missing for -1. */
  read(row: number): PhysicsValues
}

const KEYS = new Set(['ts_ns', 'level_price'])
const NAMES = [...PHYSICS_NUMBERS, ...PHYSICS_WORDS]

function refuse(name: string, rule: string): never {
  throw new Error(`features: physics.${name}: ${rule}.`)
}

function checkNames(table: Table): void {
  const given = new Set<string>(NAMES)
  for (const name of Object.keys(table.columns)) {
    if (KEYS.has(name) || given.has(name)) continue
    if (Object.hasOwn(SPARSE, name) || Object.hasOwn(PRESSURES, name)) {
      refuse(name, 'is derived here from the other columns. Leave it out')
    }
    refuse(name, `is not a physics column. Use ts_ns, level_price, ${NAMES.join(', ')}`)
  }
}

function numbersOf(name: string, column: Column): ArrayLike<number> {
  if (column.type === 'number') return column.values
  if (column.type === 'string') return refuse(name, 'has text, but a number is needed. Convert it')
  return Float64Array.from(column.values, (value) => (value === MISSING_NS ? Number.NaN : Number(value)))
}

function wordsOf(name: string, column: Column): StringColumn {
  return column.type === 'string' ? column : refuse(name, 'has numbers, but text is needed. Convert it')
}

function wordAt({ codes, dictionary }: StringColumn, row: number): string | null {
  return dictionary[codes[row] ?? -1] ?? null
}

const cents = (price: number): number => Math.round(price * 100)
/** A number for minute and cents that is exact up to 100,000 dollars. */
const keyOf = (minute: number, price: number): number => minute * 10_000_000 + cents(price)

function minutesOf(table: Table): Float64Array {
  const column = table.columns['ts_ns']
  if (column?.type !== 'time') refuse('ts_ns', 'is needed as a time column: the start of the touch minute')
  return Float64Array.from(column.values, (ns, row) => {
    if (ns === MISSING_NS || ns % MINUTE_NS !== 0n) {
      refuse('ts_ns', `row ${row + 1} (${ns}) is not the start of a minute. Pass the start of the touch minute`)
    }
    return minuteOf(ns)
  })
}

function indexRows(table: Table, keys: Float64Array): ReadonlyMap<number, number> {
  const index = new Map<number, number>()
  for (const [row, key] of keys.entries()) {
    const earlier = index.get(key)
    if (earlier !== undefined) {
      const by = table.columns['level_price'] === undefined ? 'ts_ns' : 'ts_ns and level_price (to the cent)'
      refuse('ts_ns', `rows ${earlier + 1} and ${row + 1} have the same ${by}. Keep one`)
    }
    index.set(key, row)
  }
  return index
}

function finderOf(table: Table): PhysicsSource['find'] {
  const minutes = minutesOf(table)
  const column = table.columns['level_price']
  if (column === undefined) {
    const byMinute = indexRows(table, minutes)
    return (minute) => byMinute.get(minute) ?? -1
  }
  const prices = numbersOf('level_price', column)
  const byLevel = indexRows(
    table,
    minutes.map((minute, row) => keyOf(minute, prices[row] ?? Number.NaN)),
  )
  return (minute, price) => byLevel.get(keyOf(minute, price)) ?? -1
}

function readerOf(table: Table): PhysicsSource['read'] {
  const numbers = new Map<PhysicsNumber, ArrayLike<number>>()
  const words = new Map<PhysicsWord, StringColumn>()
  for (const name of PHYSICS_NUMBERS) {
    const column = table.columns[name]
    if (column !== undefined) numbers.set(name, numbersOf(name, column))
  }
  for (const name of PHYSICS_WORDS) {
    const column = table.columns[name]
    if (column !== undefined) words.set(name, wordsOf(name, column))
  }
  return (row) => {
    if (row < 0) return NO_PHYSICS
    const values = { numbers: { ...NO_PHYSICS.numbers }, words: { ...NO_PHYSICS.words } }
    for (const [name, column] of numbers) values.numbers[name] = column[row] ?? Number.NaN
    for (const [name, column] of words) values.words[name] = wordAt(column, row)
    return values
  }
}

/**
 * Physics by touch from a table with a time column `ts_ns` (start of the touch minute), optionally `level_price` (matched
 * to the cent; without it all touches of a minute share a row), and any of the physics columns. Without a table, or without
 * a row for a touch, all is missing. Throws for a column that is not physics or is derived here, of the wrong type, for
 * times that are no minute starts and for two rows with the same key. Cost: one map entry per row.
 */
export function physicsSource(table: Table | undefined): PhysicsSource {
  if (table === undefined) return { rows: 0, find: () => -1, read: () => NO_PHYSICS }
  checkNames(table)
  return { rows: table.rows, find: finderOf(table), read: readerOf(table) }
}
