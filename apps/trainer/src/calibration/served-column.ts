import { type Anchor, ANCHOR_SECONDS, ANCHORS, findColumn, headName, parseHeadName, signOf } from '@breakwater/features'
import type { Table } from '@breakwater/features'
import type { Summary } from '@breakwater/retrieval'
import { feasibilityGate, mixBreak, neighbourVote, shiftLogit } from '@breakwater/viewport'
import { locate } from '../evaluation/collect.ts'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'
import type { ForecastColumn } from './column.ts'
import type { NeighbourAnswers } from './neighbours.ts'
import { withOutcomes } from './outcome-heads.ts'

/**
 * What is served of direction, break and bounce: calibrated trees mixed with the neighbours' vote, the gate's bias on
 * top, and both taken together with the calibrated tradeable. Order-book columns that become known after a head's anchor
 * do not reach the gate. Where the neighbours have no vote the trees stand alone. Other heads are served as calibrated.
 */
export function servedColumn(answers: NeighbourAnswers): ForecastColumn {
  return {
    id: 'served',
    title: 'Served mix',
    note:
      'Calibrated direction mixed with the neighbours, after the feasibility gate; break and bounce with calibrated ' +
      'tradeable. Every other head is served as the calibrated trees say.',
    heads: (part) => {
      const { calibrated } = part.predictions
      const mixed = new Map<string, Float64Array>()
      for (const anchor of ANCHORS) {
        const direction = headName({ kind: 'direction' }, anchor)
        const values = calibrated.get(direction)
        if (values === undefined) continue
        mixed.set(direction, mixDirection(part, anchor, values, answers(part, anchor)))
        const tradeable = headName({ kind: 'tradeable_2' }, anchor)
        const chances = calibrated.get(tradeable)
        if (chances !== undefined) mixed.set(tradeable, chances)
      }
      const served = [...withOutcomes(mixed)].filter(([name]) => parseHeadName(name)?.question.kind !== 'tradeable_2')
      return new Map(served)
    },
  }
}

function mixDirection(
  part: ScoredPart,
  anchor: Anchor,
  trees: Float64Array,
  summaries: readonly (Summary | null)[],
): Float64Array {
  const rows = locate(part.signals.table, part.predictions)
  const bias = gateBias(part, anchor)
  return trees.map((p, i) => {
    if (Number.isNaN(p)) return p
    const summary = summaries[i] ?? null
    const vote = summary === null ? { missing: 'not asked' } : neighbourVote(summary)
    return shiftLogit(mixBreak(p, vote).breakGivenTradeable, bias(rows[i] as number))
  })
}

/** The gate's bias by table row, from the columns that are known at the anchor. */
function gateBias({ signals: { schema, table } }: ScoredPart, anchor: Anchor): (row: number) => number {
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
      directionSign: signOf(way),
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
