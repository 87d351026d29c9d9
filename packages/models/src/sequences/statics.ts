import type { Ablation, Encoding, FeatureSpec, Schema, Stage, Table } from '@breakwater/features'
import { encodeTable, makeEncoder, selectFeatures } from '@breakwater/features'

/** A touch becomes known when its minute ends, seconds after its start: nothing that is known later may go with it. */
export const KNOWN_AFTER_S = 60

/** Which features go with a sequence; null for none. */
export type StaticsChoice = { readonly stage: Stage; readonly ablation: Ablation } | null

/** Names and values, (rows x names), row-major; NaN where missing. */
export interface Statics {
  readonly names: readonly string[]
  readonly values: Float32Array
}

/**
 * The features of a stage and ablation that are known when the touch is, by the schema's allow-list: never a label, an
 * identity, a raw price, or a column that it does not name. Categories become indicators, the same ones whatever the data.
 */
export function staticsOf(table: Table, schema: Schema, choice: StaticsChoice): Statics {
  if (choice === null) return { names: [], values: new Float32Array() }
  const { features } = selectFeatures(schema, { ...choice, knownBy: KNOWN_AFTER_S })
  const { matrix } = encodeTable(makeEncoder(features.map(encodingOf)), table)
  const { columns: names, rows, values: byColumn } = matrix
  const values = new Float32Array(byColumn.length)
  for (let c = 0; c < names.length; c++) {
    for (let row = 0; row < rows; row++) values[row * names.length + c] = byColumn[c * rows + row] as number
  }
  return { names, values }
}

function encodingOf({ name, type, categories }: FeatureSpec): Encoding {
  if (type !== 'string') return { name, kind: 'number' }
  if (categories !== undefined) return { name, kind: 'category', categories }
  throw new Error(
    `models: feature ${name}: the schema lists no categories for it, so its indicators would differ from date to date. Add them.`,
  )
}

/** The statics of the chosen rows. */
export function takeStatics({ names, values }: Statics, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * names.length)
  for (const [i, row] of rows.entries()) {
    out.set(values.subarray(row * names.length, (row + 1) * names.length), i * names.length)
  }
  return out
}
