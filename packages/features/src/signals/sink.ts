import type { ColumnType } from '../schema/schema.ts'
import type { Column, Table } from '../table.ts'
import { numberReader, timeReader, wordReader } from './cells.ts'
import type { CellReader, LabelledRow } from './cells.ts'
import type { SignalColumn } from './columns.ts'

/** Collects the values of one column; `finish` gives the column. */
interface Collector<T> {
  readonly add: (value: T) => void
  readonly finish: () => Column
}

const FIRST_CAPACITY = 1024
/** Small whole numbers fit a 32-bit float exactly. */
const SMALL: ReadonlySet<ColumnType> = new Set(['int8', 'int32', 'bool'])

function numberCollector(type: ColumnType): Collector<number> {
  const make = (length: number): Float32Array | Float64Array =>
    SMALL.has(type) ? new Float32Array(length) : new Float64Array(length)
  let values = make(FIRST_CAPACITY)
  let rows = 0
  const add = (value: number): void => {
    if (rows === values.length) {
      const wider = make(rows * 2)
      wider.set(values)
      values = wider
    }
    values[rows] = value
    rows += 1
  }
  return { add, finish: () => ({ type: 'number', values: values.slice(0, rows) }) }
}

function timeCollector(): Collector<bigint> {
  const values: bigint[] = []
  const add = (value: bigint): void => {
    values.push(value)
  }
  return { add, finish: () => ({ type: 'time', values: BigInt64Array.from(values) }) }
}

function wordCollector(): Collector<string | null> {
  const known = new Map<string, number>()
  const codes: number[] = []
  const add = (value: string | null): void => {
    if (value === null) {
      codes.push(-1)
      return
    }
    const code = known.get(value) ?? known.size
    if (code === known.size) known.set(value, code)
    codes.push(code)
  }
  return { add, finish: () => ({ type: 'string', codes: Int32Array.from(codes), dictionary: [...known.keys()] }) }
}

/** A table under construction. */
export interface TableSink {
  readonly add: (row: LabelledRow) => void
  readonly finish: () => Table
}

/** A column under construction. */
interface Filling {
  readonly name: string
  readonly add: (row: LabelledRow) => void
  readonly finish: () => Column
}

function filling<T>(name: string, collector: Collector<T>, read: CellReader<T>): Filling {
  const add = (row: LabelledRow): void => {
    const value = read(row)
    if (value === undefined) throw new Error(`features: signals: a row has no ${name}. Report this.`)
    collector.add(value)
  }
  return { name, add, finish: collector.finish }
}

function fillingOf({ name, type, knownAfterS }: SignalColumn): Filling {
  if (type === 'string') return filling(name, wordCollector(), wordReader(name))
  if (type === 'time') return filling(name, timeCollector(), timeReader(name))
  return filling(name, numberCollector(type), numberReader(name, knownAfterS === null))
}

/** An empty table of `columns`; whole-number columns become Float32Array, other numbers Float64Array. */
export function tableSink(columns: readonly SignalColumn[]): TableSink {
  const fillings = columns.map(fillingOf)
  let rows = 0
  const add = (row: LabelledRow): void => {
    for (const column of fillings) column.add(row)
    rows += 1
  }
  const finish = (): Table => ({
    rows,
    columns: Object.fromEntries(fillings.map((column) => [column.name, column.finish()])),
  })
  return { add, finish }
}
