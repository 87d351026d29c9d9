import { ANCHOR_SECONDS, findColumn, parseHeadName, type Table } from '@breakwater/features'
import { feasibilityGate, mixBreak, type NeighbourVote, shiftLogit } from '@breakwater/viewport'
import { locate } from '../evaluation/collect.ts'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'
import type { ForecastColumn } from './columns.ts'

/** What the neighbours of a predicted row say, by head and row; or why there is nothing. */
export type VoteSource = (
  part: ScoredPart,
  head: string,
) => (row: number) => NeighbourVote | { readonly missing: string }

const noVotes: VoteSource = () => () => ({ missing: 'no retrieval index was given' })

/**
 * The direction heads as they are served: calibrated trees mixed with the neighbours' vote, and the gate's bias on top.
 * Order-book columns that become known after a head's anchor do not reach the gate. Without votes the trees stand alone.
 */
export function gatedColumn(votes: VoteSource = noVotes): ForecastColumn {
  return {
    id: 'served',
    title: 'Served mix',
    note:
      votes === noVotes
        ? 'Calibrated direction after the feasibility gate; no retrieval index, so no neighbours in the mix.'
        : 'Calibrated direction mixed with the neighbours, after the feasibility gate.',
    heads: (part) => {
      const directions = [...part.predictions.calibrated].filter(
        ([name]) => parseHeadName(name)?.question.kind === 'direction',
      )
      const rows = locate(part.signals.table, part.predictions)
      return new Map(
        directions.map(([name, values]) => {
          const bias = gateBias(part, name)
          const vote = votes(part, name)
          return [
            name,
            values.map((p, i) =>
              Number.isNaN(p) ? p : shiftLogit(mixBreak(p, vote(i)).breakGivenTradeable, bias(rows[i] as number)),
            ),
          ]
        }),
      )
    },
  }
}

/** The gate's bias by table row, from the columns that are known at the head's anchor. */
function gateBias({ signals: { schema, table } }: ScoredPart, head: string): (row: number) => number {
  const anchor = parseHeadName(head)?.anchor ?? '4min'
  const known = (name: string): boolean => {
    const spec = findColumn(schema, name)
    return spec?.lookahead === undefined && (spec?.knownAfterS ?? Number.POSITIVE_INFINITY) <= ANCHOR_SECONDS[anchor]
  }
  const word = (name: string): ((row: number) => string | null) => (known(name) ? wordsOf(table, name) : () => null)
  const number = (name: string): ((row: number) => number | null) => (known(name) ? numbersOf(table, name) : () => null)
  const barrierState = word('barrier_state')
  const fuelEffect = word('fuel_effect')
  const tapeImbalance = number('tape_imbalance')
  const gammaExposure = number('gamma_exposure')
  const direction = wordsOf(table, 'direction')
  return (row) => {
    const way = direction(row)
    if (way === null) return 0
    return feasibilityGate({
      barrierState: barrierState(row),
      fuelEffect: fuelEffect(row),
      tapeImbalance: tapeImbalance(row),
      gammaExposure: gammaExposure(row),
      directionSign: way === 'UP' ? 1 : -1,
    }).breakLogitBias
  }
}

function wordsOf(table: Table, name: string): (row: number) => string | null {
  const column = table.columns[name]
  if (column?.type !== 'string') return () => null
  return (row) => column.dictionary[column.codes[row] as number] ?? null
}

function numbersOf(table: Table, name: string): (row: number) => number | null {
  const column = table.columns[name]
  if (column?.type !== 'number') return () => null
  return (row) => column.values[row] as number
}
