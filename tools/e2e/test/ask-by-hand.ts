import { encoderFromJson, encodeTable, withConfirmed } from '@breakwater/features'
import type { Table } from '@breakwater/features'
import { createSearcher } from '@breakwater/retrieval'
import type { Summary } from '@breakwater/retrieval'
import { loadIndex } from '@breakwater/retrieval/node'

/** The string in a row of a column; null where it is missing. */
export function wordAt(table: Table, name: string, row: number): string | null {
  const column = table.columns[name]
  return column?.type === 'string' ? (column.dictionary[column.codes[row] ?? -1] ?? null) : null
}

/** The number in a row of a column; null where it is missing. */
export function numberAt(table: Table, name: string, row: number): number | null {
  const column = table.columns[name]
  const value = column?.type === 'number' ? column.values[row] : undefined
  return value === undefined || Number.isNaN(value) ? null : value
}

/** Asks a saved index about rows of a table one by one, each at its 4-minute anchor, under its own filters. */
export async function askByHand(index: string, encoder: unknown, table: Table): Promise<(row: number) => Summary> {
  const { matrix } = encodeTable(encoderFromJson(encoder), withConfirmed(table, '4min'))
  const searcher = createSearcher((await loadIndex(index)).index, { kernel: 'plain' })
  const start = table.columns['ts_ns']
  return (row) =>
    searcher.query(
      matrix.columns.map((_, c) => matrix.values[c * matrix.rows + row] ?? Number.NaN),
      {
        asOf: (start?.type === 'time' ? (start.values[row] ?? 0n) : 0n) + 240_000_000_000n,
        filters: {
          levelKindName: wordAt(table, 'level_kind_name', row),
          direction: wordAt(table, 'direction', row),
          gammaBucket: wordAt(table, 'gamma_bucket', row),
        },
      },
    )
}
