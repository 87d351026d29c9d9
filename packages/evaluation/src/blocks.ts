import {
  type HeadTarget,
  numbersOf,
  stringColumn,
  type Table,
  type Thresholds,
  timesOf,
  withConfirmed,
} from '@breakwater/features'
import type { Forecasts } from './forecasts.ts'

/** Signals that hold the targets of forecasts. */
export interface ScoredSignals {
  /** With the columns `date` and `level_kind_name`. */
  readonly table: Table
  /** The two reach thresholds in dollars, and the length of the label window. */
  readonly thresholds: Thresholds
  readonly lookforwardSeconds: number
}

/** Forecasts of many heads for rows of one table, before they are cut to the rows of a head. */
export interface ForecastBlock {
  readonly signals: ScoredSignals
  readonly targets: readonly HeadTarget[]
  /** Row of the signals that each forecast is of. */
  readonly rows: Int32Array
  /** Fold whose models made each forecast. */
  readonly folds: ArrayLike<number>
  /** Which sessions to score. */
  readonly keep: (date: string) => boolean
  /**
   * Forecasts by column id and head, one value for each of `rows`, NaN where a column has none. A head that a column does
   * not forecast is absent.
   */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, Float64Array>>
}

/** Which rows of a block's table a head sees: by default those of its mask. */
export type SeenRows = (block: ForecastBlock, target: HeadTarget) => Uint8Array

/** The forecasts of a head with the row of its block's table that each is of. */
export interface HeadForecasts {
  readonly forecasts: Forecasts
  readonly places: readonly { readonly block: ForecastBlock; readonly row: number }[]
}

interface Candidate {
  readonly block: ForecastBlock
  readonly target: HeadTarget
  /** Indices into the block's `rows`. */
  readonly indices: readonly number[]
}

/**
 * The forecasts of one head over all blocks, in their order: rows that are kept and seen, and that every column forecasts
 * which knows the head in each block that has such rows. Without such rows they are empty.
 */
export function headForecasts(
  blocks: readonly ForecastBlock[],
  { name: head, task }: Pick<HeadTarget, 'name' | 'task'>,
  seen: SeenRows = (_, target) => target.mask,
): HeadForecasts {
  const candidates = blocks.flatMap((block): Candidate[] => {
    const target = block.targets.find(({ name }) => name === head)
    const indices = target === undefined ? [] : keptIndices(block, seen(block, target))
    return target === undefined || indices.length === 0 ? [] : [{ block, target, indices }]
  })
  const known = [...(blocks[0]?.columns.keys() ?? [])]
  const ids = known.filter((id) => candidates.every(({ block }) => block.columns.get(id)?.has(head) === true))
  let leftOut = 0
  const common = candidates.map(({ indices, ...rest }): Candidate => {
    const columns = ids.map((id) => valuesOf(rest.block, id, head))
    const complete = indices.filter((index) => {
      const missing = columns.filter((values) => Number.isNaN(values[index])).length
      // Where no column has a forecast the head had no model there: leaving the row out favours none of them.
      if (missing > 0 && missing < columns.length) leftOut++
      return missing === 0
    })
    return { ...rest, indices: ids.length === 0 ? [] : complete }
  })
  return {
    forecasts: { head, task, leftOut, ...gather(common, ids, head), ...momentsOf(common) },
    places: common.flatMap(({ block, indices }) => indices.map((index) => ({ block, row: rowAt(block, index) }))),
  }
}

const valuesOf = ({ columns }: ForecastBlock, id: string, head: string): Float64Array =>
  columns.get(id)?.get(head) ?? new Float64Array()

const rowAt = ({ rows }: ForecastBlock, index: number): number => rows[index] ?? -1

function keptIndices(block: ForecastBlock, mask: Uint8Array): number[] {
  const date = wordReader(block, 'date')
  return [...block.rows.keys()].filter((index) => {
    const row = rowAt(block, index)
    return mask[row] === 1 && block.keep(date(row))
  })
}

function gather(
  candidates: readonly Candidate[],
  ids: readonly string[],
  head: string,
): Pick<Forecasts, 'columns' | 'targets' | 'sessions' | 'folds' | 'kinds'> {
  const each = <T>(read: (from: Candidate) => (row: number, index: number) => T): T[] =>
    candidates.flatMap((from) => {
      const value = read(from)
      return from.indices.map((index) => value(rowAt(from.block, index), index))
    })
  const dates = each(({ block }) => wordReader(block, 'date'))
  const rankOf = new Map([...new Set(dates)].toSorted().map((date, rank) => [date, rank]))
  return {
    columns: new Map(
      ids.map((id) => {
        const values = each(({ block }) => {
          const column = valuesOf(block, id, head)
          return (_, index) => column[index] ?? Number.NaN
        })
        return [id, Float64Array.from(values)]
      }),
    ),
    targets: Float64Array.from(
      each(
        ({ target }) =>
          (row) =>
            target.values[row] ?? Number.NaN,
      ),
    ),
    sessions: Int32Array.from(dates, (date) => rankOf.get(date) ?? -1),
    folds: Int32Array.from(
      each(
        ({ block }) =>
          (_, index) =>
            block.folds[index] ?? -1,
      ),
    ),
    kinds: each(({ block }) => wordReader(block, 'level_kind_name')),
  }
}

/** Where price stood and which rows overlap; absent where a table does not say it. */
function momentsOf(candidates: readonly Candidate[]): Pick<Forecasts, 'episodes' | 'moved'> {
  const tables = candidates.map(({ block }) => block.signals.table.columns)
  const hasTimes = tables.every((columns) => columns['ts_ns']?.type === 'time')
  const hasPrices = tables.every((columns) => PRICES.every((name) => name in columns))
  const each = (read: (from: Candidate) => (row: number) => number): number[] =>
    candidates.flatMap((from) => {
      const value = read(from)
      return from.indices.map((index) => value(rowAt(from.block, index)))
    })
  return {
    ...(hasTimes ? { episodes: codesOf(each(stretchOf)) } : {}),
    ...(hasPrices ? { moved: Float64Array.from(each(displacementOf)) } : {}),
  }
}

const PRICES = ['anchor_spot', 'level_price', 'direction', 'atr']

const SECOND_NS = 1_000_000_000n

/**
 * Stretches twice as long as a label window, counted from 1970: no session has part of another's. Touches of all levels in one of them share a
 * path of prices; touches of one level in a row are no such block, since those of other levels meanwhile have the same outcomes.
 */
function stretchOf({ block: { signals } }: Candidate): (row: number) => number {
  const starts = timesOf(signals.table, 'ts_ns')
  const length = 2n * BigInt(signals.lookforwardSeconds) * SECOND_NS
  return (row) => Number((starts[row] ?? 0n) / length)
}

function displacementOf({ block: { signals }, target }: Candidate): (row: number) => number {
  const moved = numbersOf(withConfirmed(signals.table, target.anchor), 'moved')
  return (row) => moved[row] ?? Number.NaN
}

/** Numbers as codes from 0, in order of appearance. */
function codesOf(values: readonly number[]): Int32Array {
  const known = new Map([...new Set(values)].map((value, code) => [value, code]))
  return Int32Array.from(values, (value) => known.get(value) ?? 0)
}

/** Reads the words of a column by row: 'unknown' where one is missing. Throws where the table has no such column. */
function wordReader({ signals: { table } }: ForecastBlock, name: string): (row: number) => string {
  const column = stringColumn(table, name)
  return (row) => column.dictionary[column.codes[row] ?? -1] ?? 'unknown'
}
