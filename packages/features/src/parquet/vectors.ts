/**
 * The item arrays of the driver's vectors: views of a chunk's own memory. The driver declares them private, but copying
 * whole blocks through them is its only fast way in and out; the checks below fail loudly should that change.
 */
import { DuckDBVarCharVector } from '@duckdb/node-api'
import type { DuckDBVector } from '@duckdb/node-api'

function itemsOf(vector: DuckDBVector): unknown {
  return Reflect.get(vector, 'items')
}

function refuse(vector: DuckDBVector, wanted: string): never {
  throw new TypeError(`features: DuckDB gave a vector of ${String(vector.type)} where ${wanted} was planned.`)
}

/** Items of a DOUBLE or FLOAT vector. */
export function numberItems(vector: DuckDBVector): Float64Array | Float32Array {
  const items = itemsOf(vector)
  return items instanceof Float64Array || items instanceof Float32Array ? items : refuse(vector, 'DOUBLE or FLOAT')
}

/** Items of a BIGINT vector. */
export function timeItems(vector: DuckDBVector): BigInt64Array {
  const items = itemsOf(vector)
  return items instanceof BigInt64Array ? items : refuse(vector, 'BIGINT')
}

/** Items of an INTEGER vector. */
export function integerItems(vector: DuckDBVector): Int32Array {
  const items = itemsOf(vector)
  return items instanceof Int32Array ? items : refuse(vector, 'INTEGER')
}

/** Codes of an ENUM vector. */
export function enumItems(vector: DuckDBVector): Uint8Array | Uint16Array | Uint32Array {
  const items = itemsOf(vector)
  if (items instanceof Uint8Array || items instanceof Uint16Array || items instanceof Uint32Array) return items
  return refuse(vector, 'ENUM')
}

/** A VARCHAR vector, whose strings are read one by one. */
export function textVector(vector: DuckDBVector): DuckDBVarCharVector {
  return vector instanceof DuckDBVarCharVector ? vector : refuse(vector, 'VARCHAR')
}
