import type { HeadTarget } from '@breakwater/features'
import { stringColumn } from '@breakwater/features'
import { locate, type RowIndex } from '../evaluation/collect.ts'
import type { ScoredPart } from '../evaluation/evaluate-set.ts'
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

interface Asked {
  readonly part: PreparedPart
  readonly target: HeadTarget
  /** Places among the predicted rows. */
  readonly places: readonly number[]
}

/** The rows of head `name` that are kept, seen, and forecast by each column that knows the head wherever it is asked. */
export function commonRows(parts: readonly PreparedPart[], name: string, seen: SeenRows = byMask): CommonRows {
  const asked = parts.flatMap((part): Asked[] => {
    const target = part.targets.find((candidate) => candidate.name === name)
    const places = target === undefined ? [] : keptPlaces(part, seen(part, target))
    return target === undefined || places.length === 0 ? [] : [{ part, target, places }]
  })
  const known = [...(parts[0]?.forecasts.keys() ?? [])]
  const ids = known.filter((id) => asked.every(({ part }) => part.forecasts.get(id)?.has(name) === true))
  let leftOut = 0
  const picked = asked.map(({ places, ...rest }): Asked => {
    const columns = ids.map((id) => forecastsOf(rest.part, id, name))
    const common = places.filter((place) => {
      const missing = columns.filter((values) => Number.isNaN(values[place])).length
      // Where no way has a forecast the head had no model: nobody is told apart by leaving it out.
      if (missing > 0 && missing < columns.length) leftOut++
      return missing === 0
    })
    return { ...rest, places: ids.length === 0 ? [] : common }
  })
  return { ...gather(picked, ids, name), leftOut }
}

const byMask: SeenRows = (_, target) => target.mask

const forecastsOf = ({ forecasts }: PreparedPart, id: string, name: string): Float64Array =>
  forecasts.get(id)?.get(name) ?? new Float64Array()

function keptPlaces({ signals, rowOf, keep }: PreparedPart, mask: Uint8Array): number[] {
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  return [...rowOf.keys()].filter((place) => {
    const row = rowOf[place] as number
    return mask[row] === 1 && keep(dictionary[codes[row] as number] as string)
  })
}

function gather(picked: readonly Asked[], ids: readonly string[], name: string): Omit<CommonRows, 'leftOut'> {
  const dates = [
    ...new Set(picked.flatMap(({ part }) => stringColumn(part.signals.table, 'date').dictionary)),
  ].toSorted()
  const rankOf = new Map(dates.map((date, rank) => [date, rank]))
  const each = <T>(pick: (from: Asked, place: number, row: number) => T): T[] =>
    picked.flatMap((from) => from.places.map((place) => pick(from, place, from.part.rowOf[place] as number)))
  return {
    targets: Float64Array.from(each(({ target }, _, row) => target.values[row] as number)),
    values: new Map(
      ids.map((id) => [id, Float64Array.from(each(({ part }, place) => forecastsOf(part, id, name)[place] as number))]),
    ),
    sessions: Int32Array.from(each(({ part }, _, row) => rankOf.get(wordAt(part, 'date', row)) ?? -1)),
    folds: Int32Array.from(each(({ part }, place) => part.predictions.fold[place] as number)),
    places: each((_, __, row) => row),
    kinds: each(({ part }, _, row) => wordAt(part, 'level_kind_name', row)),
  }
}

function wordAt(part: PreparedPart, column: string, row: number): string {
  const { codes, dictionary } = stringColumn(part.signals.table, column)
  return dictionary[codes[row] as number] ?? 'unknown'
}
