import {
  type Anchor,
  ANCHOR_SECONDS,
  ANCHORS,
  findColumn,
  headName,
  numbersOf,
  parseHeadName,
  PRIMARY_ANCHOR,
  reachKey,
  signOf,
  stringColumn,
  type Table,
  type Thresholds,
  withConfirmed,
} from '@breakwater/features'
import type { Summary } from '@breakwater/retrieval'
import {
  type EnsembleOptions,
  gateOf,
  type GateOptions,
  headPlaces,
  type MixKind,
  neighbourVote,
  pathPlaces,
  type Scores,
  type ScoreSource,
  serve,
  type ServedTouch,
  type ServeSettings,
} from '@breakwater/viewport'
import type { Signals } from '../signals.ts'
import type { MixRecord } from '../fit/mix.ts'
import { locate, type Predictions } from '../set/predictions.ts'
import { outcomeName } from './outcomes.ts'

/** Predicted rows, with the signals that they are rows of. */
export interface PredictedRows {
  readonly signals: Pick<Signals, 'schema' | 'table' | 'thresholds'>
  readonly predictions: Predictions
}

/** What answers, and the numbers of the mix and the gate; those of the live viewport by default. */
export interface ServeOptions {
  /**
   * `law`, where the rows have its forecasts: what each fold chose to serve, the law or the heads made coherent (the default); else `heads`, each
   * alone.
   */
  readonly source?: ScoreSource
  readonly ensemble?: EnsembleOptions
  readonly gate?: GateOptions
  /** How neighbours and gate enter, see `MixKind` of viewport; by default as `fits` say, or as a viewport without any does. */
  readonly mix?: MixKind
  /** What training fitted, see `SetMix`: rows of a fold are served with its terms. */
  readonly fits?: readonly MixRecord[]
}

/** The answers of the neighbours of each predicted row at an anchor; null where the row was not queried. */
export type NeighboursByAnchor = (anchor: Anchor) => readonly (Summary | null)[]

/**
 * What would be served at the anchor, one value a predicted row, NaN where there is none, under the names of the heads and of the outcomes:
 * the surface that the row's fold chose, or calibrated trees one by one, through `serve` of the viewport, as a live tick serves them. Of a
 * surface all probabilities; of trees direction, break and bounce, since every other head is served as calibrated. Order-book columns that
 * become known after a head's anchor do not reach the gate; where the neighbours have no vote the answers stand alone.
 */
export function serveTable(
  { signals, predictions }: PredictedRows,
  neighbours: NeighboursByAnchor,
  options: ServeOptions = {},
): Map<string, Float64Array> {
  const { source = 'law' } = options
  const rows = locate(signals.table, predictions)
  const served = new Map<string, Float64Array>()
  for (const anchor of ANCHORS) {
    const direction = headName({ kind: 'direction' }, anchor)
    const isSurface = source === 'law' && predictions.tilted.has(direction)
    const columns = isSurface ? predictions.served : predictions.calibrated
    if (!columns.has(direction)) continue
    const touch = touchReader(signals, anchor, rows, neighbours(anchor))
    const request = { columns, anchor, thresholds: signals.thresholds, ...options }
    const serving = isSurface ? surfaceServing(request) : headServing(request)
    const rowsServed = { length: rows.length, fitted: fittedBy(options.fits, anchor, predictions.fold) }
    for (const [name, values] of serveRows(serving, rowsServed, (i) => touch(i, isSurface))) served.set(name, values)
  }
  return served
}

interface Serving {
  readonly columns: readonly Float64Array[]
  readonly settings: ServeSettings
  /** What of the scores goes to which column. */
  readonly reads: ReadonlyMap<string, (scores: Scores) => number | null>
}

interface ServingRequest extends ServeOptions {
  readonly columns: ReadonlyMap<string, Float64Array>
  readonly anchor: Anchor
  readonly thresholds: Thresholds
}

/** The terms of each predicted row, those of its fold; null where there are none. */
function fittedBy(
  fits: readonly MixRecord[] = [],
  anchor: Anchor,
  folds: Float64Array,
): (i: number) => MixRecord | null {
  const byFold = new Map(fits.filter((one) => one.anchor === anchor).map((one) => [one.fold, one]))
  return (i) => byFold.get(folds[i] as number) ?? null
}

function settingsOf(heads: readonly string[], request: ServingRequest): ServeSettings {
  const { anchor, thresholds, ensemble = {}, gate = {}, mix = null } = request
  // At the anchor no window is over, and nothing here is priced.
  const shared = { thresholds, ensemble, gate, mix, windowSeconds: Infinity, cost: 0 }
  return { places: headPlaces(heads, anchor, []), path: null, ...shared }
}

function outcomeReads(anchor: Anchor): [string, (scores: Scores) => number | null][] {
  return [
    [headName({ kind: 'direction' }, anchor), (scores) => scores.p_break_given_tradeable],
    [outcomeName('p_break', anchor), (scores) => scores.p_break],
    [outcomeName('p_bounce', anchor), (scores) => scores.p_bounce],
  ]
}

function headServing(request: ServingRequest): Serving {
  const { anchor, columns } = request
  const heads = [headName({ kind: 'direction' }, anchor), headName({ kind: 'tradeable_2' }, anchor)]
  const known = heads.filter((name) => columns.has(name))
  const reads = outcomeReads(anchor).slice(0, known.length < heads.length ? 1 : 3)
  return {
    columns: known.map((name) => columns.get(name) ?? new Float64Array()),
    settings: settingsOf(known, request),
    reads: new Map(reads),
  }
}

function surfaceServing(request: ServingRequest): Serving {
  const { anchor, columns } = request
  const heads = [...columns].flatMap(([name, values]) => {
    const head = parseHeadName(name)
    return head?.anchor === anchor ? [{ ...head, values }] : []
  })
  const names = heads.map(({ question }) => headName(question, PRIMARY_ANCHOR))
  const horizons = heads.flatMap(({ question }) => (question.kind === 'reach' ? [question.horizon] : []))
  const reads = heads.flatMap(({ question }): [string, (scores: Scores) => number | null][] => {
    if (question.kind !== 'reach') return []
    const key = reachKey(question)
    return [[headName(question, anchor), (scores) => reachOf(scores)[key]?.[question.horizon] ?? null]]
  })
  const tradeable = headName({ kind: 'tradeable_2' }, anchor)
  return {
    columns: heads.map(({ values }) => values),
    settings: { ...settingsOf([], request), path: pathPlaces(names, [...new Set(horizons)]) },
    reads: new Map([...outcomeReads(anchor), [tradeable, (scores) => scores.p_tradeable_2], ...reads]),
  }
}

const reachOf = ({
  time_to_threshold: reach,
}: Scores): Readonly<Record<string, Readonly<Record<string, number | null>>>> => reach

function serveRows(
  { columns, settings, reads }: Serving,
  { length, fitted }: { readonly length: number; readonly fitted: (i: number) => MixRecord | null },
  touch: (i: number) => ServedTouch,
): Map<string, Float64Array> {
  const served = new Map([...reads.keys()].map((name) => [name, new Float64Array(length).fill(Number.NaN)]))
  // The served columns have no intervals.
  const none = new Float64Array(columns.length).fill(Number.NaN)
  const answers = { values: new Float64Array(columns.length), low: none, high: none }
  for (let i = 0; i < length; i++) {
    for (const [head, values] of columns.entries()) answers.values[head] = values[i] as number
    const scores = serve(answers, touch(i), { ...settings, fitted: fitted(i) })
    for (const [name, read] of reads) (served.get(name) as Float64Array)[i] = read(scores) ?? Number.NaN
  }
  return served
}

/** The touch of predicted row i: the readings of its table row that are known at the anchor, and its neighbours' vote. */
function touchReader(
  signals: Pick<Signals, 'schema' | 'table'>,
  anchor: Anchor,
  rows: Int32Array,
  summaries: readonly (Summary | null)[],
): (i: number, isSurface: boolean) => ServedTouch {
  const readings = gateReadings(signals, anchor)
  const moved = numbersOf(withConfirmed(signals.table, anchor), 'moved')
  return (i, isSurface) => {
    const row = rows[i] as number
    const summary = summaries[i] ?? null
    return {
      ...readings(row),
      moved: null,
      neighbours: { vote: summary === null ? { missing: 'not asked' } : neighbourVote(summary), summary: null },
      path: isSurface ? { displacement: moved[row] as number, isTouched: true } : null,
      sinceAnchorS: 0,
    }
  }
}

/** What the gate reads of a row of the table: the readings that are known at the anchor, and the side that price comes from. */
function gateReadings(
  { schema, table }: Pick<Signals, 'schema' | 'table'>,
  anchor: Anchor,
): (row: number) => Pick<ServedTouch, 'row' | 'sign'> {
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
  return (row) => {
    const sign = signOf(dictionary[codes[row] as number])
    return {
      row: {
        barrier_state: barrier(row),
        fuel_effect: fuel(row),
        tape_imbalance: tape(row),
        gamma_exposure: gamma(row),
      },
      sign: Number.isNaN(sign) ? null : sign > 0 ? 1 : -1,
    }
  }
}

/** The gate's bias on the log odds of a break of each row of the table, as `serve` takes it at the anchor; 0 where it has none. */
export function gateBiases(signals: Pick<Signals, 'schema' | 'table'>, anchor: Anchor): (row: number) => number {
  const readings = gateReadings(signals, anchor)
  return (at) => {
    const { row, sign } = readings(at)
    return sign === null ? 0 : gateOf(row, sign, {}).breakLogitBias
  }
}

function cells(table: Table, name: string): (row: number) => string | number | null {
  const column = table.columns[name]
  if (column?.type === 'string') return (row) => column.dictionary[column.codes[row] as number] ?? null
  if (column?.type === 'number') return (row) => column.values[row] as number
  return () => null
}
