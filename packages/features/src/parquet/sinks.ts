import type { DuckDBVector } from '@duckdb/node-api'
import { integerItems, numberItems, textVector, timeItems } from './vectors.ts'
import type { Column } from '../table.ts'

/** Where the chunks of one result column go: `accept` copies a chunk to row `offset`, `finish` gives the column. */
export interface Sink {
  readonly accept: (vector: DuckDBVector, offset: number) => void
  readonly finish: () => Column
}

/** Takes FLOAT or DOUBLE; a DOUBLE is rounded to the nearest 32-bit float when `precision` asks for it. */
export function numberSink(rows: number, precision: 'float32' | 'float64'): Sink {
  const values = precision === 'float32' ? new Float32Array(rows) : new Float64Array(rows)
  const accept = (vector: DuckDBVector, offset: number): void => {
    values.set(numberItems(vector), offset)
  }
  return { accept, finish: () => ({ type: 'number', values }) }
}

/** Takes BIGINT. */
export function timeSink(rows: number): Sink {
  const values = new BigInt64Array(rows)
  const accept = (vector: DuckDBVector, offset: number): void => {
    values.set(timeItems(vector), offset)
  }
  return { accept, finish: () => ({ type: 'time', values }) }
}

/** Takes INTEGER codes into `dictionary`. */
export function codeSink(rows: number, dictionary: readonly string[]): Sink {
  const codes = new Int32Array(rows)
  const accept = (vector: DuckDBVector, offset: number): void => {
    codes.set(integerItems(vector), offset)
  }
  return { accept, finish: () => ({ type: 'string', codes, dictionary }) }
}

/** Takes VARCHAR in which no value repeats: no look-up, so ids of any number cost one string each. */
export function uniqueTextSink(rows: number): Sink {
  const dictionary: string[] = []
  const codes = new Int32Array(rows)
  const accept = (vector: DuckDBVector, offset: number): void => {
    const text = textVector(vector)
    for (let i = 0; i < text.itemCount; i++) {
      const value = text.getItem(i)
      codes[offset + i] = value === null ? -1 : dictionary.push(value) - 1
    }
  }
  return { accept, finish: () => ({ type: 'string', codes, dictionary }) }
}

/** Takes VARCHAR with repeats; codes in order of first appearance. */
export function repeatedTextSink(rows: number): Sink {
  const known = new Map<string, number>()
  const codes = new Int32Array(rows)
  const accept = (vector: DuckDBVector, offset: number): void => {
    const text = textVector(vector)
    for (let i = 0; i < text.itemCount; i++) {
      const value = text.getItem(i)
      if (value === null) {
        codes[offset + i] = -1
        continue
      }
      const code = known.get(value) ?? known.size
      if (code === known.size) known.set(value, code)
      codes[offset + i] = code
    }
  }
  return { accept, finish: () => ({ type: 'string', codes, dictionary: [...known.keys()] }) }
}
