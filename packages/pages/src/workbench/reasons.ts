import type { Anchor, Direction, OutcomeName } from '@breakwater/features'
import type { AnchorNeighbours, HeadReasons, NoReasons, PastTouch, SetReasons, TouchReasons } from './reasons-data.ts'

/** What explains the rows of a session; see `touchContributions` of `@breakwater/evaluation/sets` and `nearestTouches` of `@breakwater/models`. */
export interface ExplainedRows extends Pick<SetReasons, 'serves' | 'trained'> {
  /** By head, one score a row. */
  readonly heads: ReadonlyMap<string, ExplainedHead | NoReasons>
  /** By anchor, one answer a row. */
  readonly neighbours: ReadonlyMap<Anchor, FoundNeighbours | NoReasons>
}

interface ExplainedHead extends Pick<HeadReasons, 'unit' | 'base'> {
  readonly rows: readonly (ExplainedRow | null)[]
}

interface ExplainedRow {
  readonly score: number
  readonly top: readonly { readonly column: string; readonly value: number | null; readonly contribution: number }[]
}

interface FoundNeighbours {
  /** Touches in the index. */
  readonly indexed: number
  readonly rows: readonly {
    readonly found: number
    readonly pBreak: number | null
    readonly pBounce: number | null
    readonly distancePercentile: number | null
    readonly neighbours?: readonly FoundTouch[]
  }[]
}

interface FoundTouch {
  readonly eventId: string
  readonly tsNs: bigint
  readonly session: string | null
  readonly filters: { readonly levelKindName: string | null; readonly direction: string | null }
  readonly distance: number
  readonly outcome: OutcomeName | null
  readonly strengthSigned: number | null
}

/** Past touches that are listed of each touch. */
const LISTED = 8
const DIGITS = 4
/** Significant digits of a column's value. */
const VALUE_DIGITS = 5
const [SCORE_DIGITS, DISTANCE_DIGITS, SHARE_DIGITS] = [3, 2, 3]
const NS_PER_MINUTE = 60_000_000_000n

/** A session's reasons as its file has them, rounded; `placeOf` is a touch's place in its session, null where it is not in the workbench. */
export function sessionReasons(
  { serves, trained, heads, neighbours }: ExplainedRows,
  placeOf: (eventId: string) => number | null,
): SetReasons {
  const columns: string[] = []
  const columnOf = new Map<string, number>()
  const place = (column: string): number => {
    const found = columnOf.get(column) ?? columns.push(column) - 1
    columnOf.set(column, found)
    return found
  }
  return {
    serves,
    trained,
    columns,
    heads: Object.fromEntries([...heads].map(([name, head]) => [name, headReasons(head, place)])),
    neighbours: Object.fromEntries(
      [...neighbours].map(([anchor, found]) => [anchor, anchorNeighbours(found, placeOf)]),
    ),
  }
}

function headReasons(head: ExplainedHead | NoReasons, place: (column: string) => number): HeadReasons | NoReasons {
  if ('reason' in head) return head
  return {
    unit: head.unit,
    base: to(SCORE_DIGITS, head.base),
    touches: head.rows.map((one) => (one === null ? null : touchReasons(one, place))),
  }
}

function touchReasons({ score, top }: ExplainedRow, place: (column: string) => number): TouchReasons {
  return {
    score: to(SCORE_DIGITS, score),
    top: top.map(({ column, value, contribution }) => [
      place(column),
      value === null ? null : Number(value.toPrecision(VALUE_DIGITS)),
      to(SCORE_DIGITS, contribution),
    ]),
  }
}

function anchorNeighbours(
  found: FoundNeighbours | NoReasons,
  placeOf: (eventId: string) => number | null,
): AnchorNeighbours | NoReasons {
  if ('reason' in found) return found
  return {
    indexed: found.indexed,
    touches: found.rows.map((row) => ({
      found: row.found,
      breaks: maybe(SHARE_DIGITS, row.pBreak),
      bounces: maybe(SHARE_DIGITS, row.pBounce),
      farther: maybe(SHARE_DIGITS, row.distancePercentile),
      nearest: (row.neighbours ?? [])
        .slice(0, LISTED)
        .map((one): PastTouch => [
          one.session ?? '',
          placeOf(one.eventId),
          Number(one.tsNs / NS_PER_MINUTE),
          one.filters.levelKindName ?? '',
          (one.filters.direction ?? '') as Direction,
          one.outcome,
          maybe(DIGITS, one.strengthSigned),
          to(DISTANCE_DIGITS, one.distance),
        ]),
    })),
  }
}

const to = (digits: number, value: number): number => Number(value.toFixed(digits))
const maybe = (digits: number, value: number | null): number | null => (value === null ? null : to(digits, value))
