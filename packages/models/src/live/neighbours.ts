import { type Encoder, encodeRow, type RowValues } from '@breakwater/features'
import { createSearcher, type RetrievalIndex, type Summary, toPayload } from '@breakwater/retrieval'
import { type NeighbourIndex, neighbourVote } from '@breakwater/viewport'
import { countLookUp, countOne, type ScoreCounts } from './counts.ts'

/** How neighbours are looked up, and how a payload lists them. */
export interface LookUpOptions {
  readonly horizons: readonly number[]
  /** Neighbours listed in a payload, nearest first; all of them vote. */
  readonly listed: number
  /** A time of a listed neighbour as the payload writes it. */
  readonly timeOf: (ns: bigint) => unknown
}

/**
 * Looks live rows up in an index of past touches, under their own level kind, direction and gamma bucket. `counts` is
 * written as it goes.
 */
export function neighbourIndex(
  index: RetrievalIndex,
  encoder: Encoder,
  { horizons, listed, timeOf }: LookUpOptions,
  counts: ScoreCounts,
): NeighbourIndex {
  const searcher = createSearcher(index)
  const encoded = new Float32Array(encoder.columns.length)
  return {
    query(row, asOfNs) {
      encodeRow(encoder, row, encoded)
      const summary = searcher.query(encoded, {
        asOf: asOfNs,
        horizons,
        neighbours: listed > 0,
        filters: {
          levelKindName: word(row, 'level_kind_name'),
          direction: word(row, 'direction'),
          gammaBucket: word(row, 'gamma_bucket'),
        },
      })
      countLookUp(counts, summary)
      const vote = neighbourVote(summary)
      if ('missing' in vote) countOne(counts.noVote, vote.missing)
      return { vote, summary: payloadOf(summary, listed, timeOf) }
    },
  }
}

const word = (row: RowValues, name: string): string | null => {
  const value = row[name]
  return typeof value === 'string' ? value : null
}

/** The summary under the payload's names, its nearest neighbours alone. */
function payloadOf(
  summary: Summary,
  listed: number,
  timeOf: LookUpOptions['timeOf'],
): Readonly<Record<string, unknown>> {
  const { neighbours = [], ...rest } = summary
  const nearest = neighbours.slice(0, listed)
  const payload = toPayload({ ...rest, neighbours: nearest })
  const listing = payload['neighbours']
  return {
    ...payload,
    neighbours: Array.isArray(listing)
      ? listing.map((one: object, i) => {
          const { tsNs, resolvedNs } = nearest[i] as (typeof nearest)[number]
          return { ...one, ts_ns: timeOf(tsNs), resolved_ns: timeOf(resolvedNs) }
        })
      : [],
  }
}
