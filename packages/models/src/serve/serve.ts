import {
  type Anchor,
  ANCHOR_SECONDS,
  findColumn,
  headName,
  ANCHORS,
  type Table,
  signOf,
  stringColumn,
} from '@breakwater/features'
import type { Summary } from '@breakwater/retrieval'
import {
  type EnsembleOptions,
  type GateOptions,
  headPlaces,
  neighbourVote,
  serve,
  type ServedTouch,
  type ServeSettings,
} from '@breakwater/viewport'
import type { Signals } from '../signals.ts'
import { locate, type Predictions } from '../set/predictions.ts'
import { outcomeName } from './outcomes.ts'

/** Predicted rows, with the signals that they are rows of. */
export interface PredictedRows {
  readonly signals: Pick<Signals, 'schema' | 'table' | 'thresholds'>
  readonly predictions: Predictions
}

/** The numbers of the mix and the gate; those of the live viewport by default. */
export interface ServeOptions {
  readonly ensemble?: EnsembleOptions
  readonly gate?: GateOptions
}

/** The answers of the neighbours of each predicted row at an anchor; null where the row was not queried. */
export type NeighboursByAnchor = (anchor: Anchor) => readonly (Summary | null)[]

/**
 * What would be served of direction, break and bounce, one value a predicted row, NaN where there is none, under the names of
 * the heads and of the outcomes: calibrated trees through `serve` of the viewport, as a live tick serves them. Order-book columns
 * that become known after a head's anchor do not reach the gate; where the neighbours have no vote the trees stand alone.
 * Every other head is served as calibrated.
 */
export function serveTable(
  { signals, predictions }: PredictedRows,
  neighbours: NeighboursByAnchor,
  { ensemble = {}, gate = {} }: ServeOptions = {},
): Map<string, Float64Array> {
  const rows = locate(signals.table, predictions)
  const served = new Map<string, Float64Array>()
  for (const anchor of ANCHORS) {
    const direction = headName({ kind: 'direction' }, anchor)
    const heads = [direction, headName({ kind: 'tradeable_2' }, anchor)]
    const known = heads.filter((name) => predictions.calibrated.has(name))
    if (!known.includes(direction)) continue
    const settings = { places: headPlaces(known, anchor, []), thresholds: signals.thresholds, ensemble, gate }
    const touch = touchReader(signals, anchor, rows, neighbours(anchor))
    const columns = known.map((name) => predictions.calibrated.get(name) ?? new Float64Array())
    const scores = serveRows(columns, touch, settings)
    served.set(direction, scores.given)
    if (known.length < heads.length) continue
    served.set(outcomeName('p_break', anchor), scores.pBreak)
    served.set(outcomeName('p_bounce', anchor), scores.pBounce)
  }
  return served
}

interface ServedColumns {
  readonly given: Float64Array
  readonly pBreak: Float64Array
  readonly pBounce: Float64Array
}

function serveRows(
  heads: readonly Float64Array[],
  touch: (i: number) => ServedTouch,
  settings: ServeSettings,
): ServedColumns {
  const length = heads[0]?.length ?? 0
  const empty = (): Float64Array => new Float64Array(length).fill(Number.NaN)
  const columns = { given: empty(), pBreak: empty(), pBounce: empty() }
  // The served columns have no intervals.
  const none = new Float64Array(heads.length).fill(Number.NaN)
  const answers = { values: new Float64Array(heads.length), low: none, high: none }
  for (let i = 0; i < length; i++) {
    for (const [head, values] of heads.entries()) answers.values[head] = values[i] as number
    const scores = serve(answers, touch(i), settings)
    columns.given[i] = scores.p_break_given_tradeable ?? Number.NaN
    columns.pBreak[i] = scores.p_break ?? Number.NaN
    columns.pBounce[i] = scores.p_bounce ?? Number.NaN
  }
  return columns
}

/** The touch of predicted row i: the readings of its table row that are known at the anchor, and its neighbours' vote. */
function touchReader(
  { schema, table }: Pick<Signals, 'schema' | 'table'>,
  anchor: Anchor,
  rows: Int32Array,
  summaries: readonly (Summary | null)[],
): (i: number) => ServedTouch {
  const reading = (name: string): ((row: number) => string | number | null) => {
    const spec = findColumn(schema, name)
    const isKnown = spec?.lookahead === undefined && (spec?.knownAfterS ?? Infinity) <= ANCHOR_SECONDS[anchor]
    return isKnown ? cells(table, name) : () => null
  }
  const barrier = reading('barrier_state')
  const fuel = reading('fuel_effect')
  const tape = reading('tape_imbalance')
  const gamma = reading('gamma_exposure')
  const { codes, dictionary } = stringColumn(table, 'direction')
  return (i) => {
    const row = rows[i] as number
    const sign = signOf(dictionary[codes[row] as number])
    const summary = summaries[i] ?? null
    return {
      row: {
        barrier_state: barrier(row),
        fuel_effect: fuel(row),
        tape_imbalance: tape(row),
        gamma_exposure: gamma(row),
      },
      sign: Number.isNaN(sign) ? null : sign > 0 ? 1 : -1,
      moved: null,
      neighbours: { vote: summary === null ? { missing: 'not asked' } : neighbourVote(summary), summary: null },
    }
  }
}

function cells(table: Table, name: string): (row: number) => string | number | null {
  const column = table.columns[name]
  if (column?.type === 'string') return (row) => column.dictionary[column.codes[row] as number] ?? null
  if (column?.type === 'number') return (row) => column.values[row] as number
  return () => null
}
