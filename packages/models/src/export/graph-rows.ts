import { type Anchor, CONFIRMED_COLUMNS, MOMENT_NUMBERS, numbersOf, type Table } from '@breakwater/features'
import { tableAtAnchor } from '../at-anchor.ts'
import { type LawSignals, momentsAt } from '../law/at-anchors.ts'
import type { FoldLaw } from '../law/forecaster.ts'
import type { SetGraph } from './set-graph.ts'

/** What {@link graphRows} reads. */
export interface GraphRowsRequest {
  readonly inputs: SetGraph['inputs']
  readonly law: Pick<FoldLaw, 'path'> | null
  readonly anchor: Anchor
  readonly signals: Pick<LawSignals, 'table' | 'bars' | 'state'>
}

/**
 * Signals with every raw column of a graph: those of the table as they are, and the numbers of the moment at the anchor. These are NaN in
 * rows whose anchor is not within their session, and in all rows where the law was fitted on ranges of bars and there are no bars: such
 * rows have no law.
 */
export function graphRows({ inputs, law, anchor, signals }: GraphRowsRequest): Table {
  const table = tableAtAnchor(inputs, signals.table, anchor)
  const names = MOMENT_NUMBERS.filter((name) => inputs.some((input) => input.name === name))
  if (law === null || names.length === 0) return table
  const { spec, volatility } = law.path
  const { rows } = table
  const columns = new Map(names.map((name) => [name, new Float64Array(rows).fill(Number.NaN)]))
  if (volatility.profile === null || signals.bars !== undefined) {
    const source = { ...signals, thresholds: spec.thresholds, lookforwardSeconds: spec.window }
    const moments = momentsAt(source, [anchor], volatility.profile)
    const moved = numbersOf(moments.table, 'moved')
    for (const [name, column] of columns) {
      const values = numbersOf(moments.table, name)
      for (const [i, row] of moments.touchRows.entries())
        if (Number.isFinite(moved[i])) column[row] = values[i] as number
    }
  }
  // Where price stands is known to the heads even where there is no moment.
  for (const name of CONFIRMED_COLUMNS) if (table.columns[name] !== undefined) columns.delete(name)
  return {
    rows,
    columns: {
      ...table.columns,
      ...Object.fromEntries([...columns].map(([name, values]) => [name, { type: 'number' as const, values }])),
    },
  }
}
