import type { HeadTarget } from '@breakwater/features'
import { locate, type RowIndex } from '../evaluation/collect.ts'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'
import { coded } from '../training/predictions.ts'
import type { ForecastColumn } from './column.ts'

/** A part of the scored data with each column's forecasts and the place of its rows in the signals. */
export interface PreparedPart extends ScoredPart {
  readonly rowOf: RowIndex
  readonly forecasts: ReadonlyMap<string, ReadonlyMap<string, Float64Array>>
}

/** Rows of one head that every column forecasts; one entry of each array a row. */
export interface CommonRows {
  readonly targets: Float64Array
  /** Forecasts by column id. */
  readonly values: ReadonlyMap<string, Float64Array>
  /** Rank of each row's session among all dates, in order of time. */
  readonly sessions: Int32Array
  readonly folds: Int32Array
  /** Level kind of each row. */
  readonly kinds: readonly string[]
  /** Row of the signals table of the row's part. */
  readonly places: readonly number[]
  /** Rows with a target that some column does not forecast. */
  readonly leftOut: number
}

/** Computes every column once for each part. */
export function prepareParts(parts: readonly ScoredPart[], columns: readonly ForecastColumn[]): PreparedPart[] {
  return parts.map((part) => ({
    ...part,
    rowOf: locate(part.signals.table, part.predictions),
    forecasts: new Map(columns.map((column) => [column.id, column.heads(part)])),
  }))
}

/** Which rows of a part a head sees: its mask by default, or another one (for censored outcomes). */
export type SeenRows = (part: PreparedPart, target: HeadTarget) => Uint8Array

interface Picked {
  readonly part: PreparedPart
  readonly target: HeadTarget
  readonly columns: ReadonlyMap<string, Float64Array>
  /** Places among the predicted rows. */
  readonly places: readonly number[]
}

/** The rows of head `name` that are kept, seen, and forecast by each of its columns. */
export function commonRows(parts: readonly PreparedPart[], name: string, seen: SeenRows = byMask): CommonRows {
  let leftOut = 0
  const picked = parts.flatMap((part): Picked[] => {
    const target = part.targets.find((candidate) => candidate.name === name)
    if (target === undefined) return []
    const columns = headColumns(part, name)
    const { codes, dictionary } = coded(part.signals.table, 'date')
    const mask = seen(part, target)
    const places: number[] = []
    for (let i = 0; i < part.rowOf.length; i++) {
      const row = part.rowOf[i] as number
      if (mask[row] !== 1 || !part.keep(dictionary[codes[row] as number] as string)) continue
      const missing = [...columns.values()].filter((values) => Number.isNaN(values[i])).length
      if (missing === 0) places.push(i)
      else if (missing < columns.size) leftOut++
    }
    return columns.size === 0 ? [] : [{ part, target, columns, places }]
  })
  return { ...gather(picked), leftOut }
}

const byMask: SeenRows = (_, target) => target.mask

function headColumns(part: PreparedPart, name: string): Map<string, Float64Array> {
  const columns = new Map<string, Float64Array>()
  for (const [id, heads] of part.forecasts) {
    const values = heads.get(name)
    if (values !== undefined) columns.set(id, values)
  }
  return columns
}

function gather(picked: readonly Picked[]): Omit<CommonRows, 'leftOut'> {
  const dates = [...new Set(picked.flatMap(({ part }) => coded(part.signals.table, 'date').dictionary))].toSorted()
  const rankOf = new Map(dates.map((date, rank) => [date, rank]))
  const ids = [...new Set(picked.flatMap(({ columns }) => [...columns.keys()]))].filter((id) =>
    picked.every(({ columns }) => columns.has(id)),
  )
  const each = <T>(pick: (from: Picked, place: number, row: number) => T): T[] =>
    picked.flatMap((from) => from.places.map((place) => pick(from, place, from.part.rowOf[place] as number)))
  return {
    targets: Float64Array.from(each(({ target }, _, row) => target.values[row] as number)),
    values: new Map(
      ids.map((id) => [id, Float64Array.from(each(({ columns }, place) => columns.get(id)?.[place] as number))]),
    ),
    sessions: Int32Array.from(each(({ part }, _, row) => rankOf.get(wordAt(part, 'date', row)) ?? -1)),
    folds: Int32Array.from(each(({ part }, place) => part.predictions.fold[place] as number)),
    places: each((_, __, row) => row),
    kinds: each(({ part }, _, row) => wordAt(part, 'level_kind_name', row)),
  }
}

function wordAt(part: PreparedPart, column: string, row: number): string {
  const { codes, dictionary } = coded(part.signals.table, column)
  return dictionary[codes[row] as number] ?? 'unknown'
}
