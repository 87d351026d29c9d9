import {
  type Anchor,
  deriveHeads,
  type Encoder,
  encodeRow,
  type RowValues,
  type Thresholds,
} from '@breakwater/features'
import { createGrowingSearcher, type RetrievalIndex, type Summary, toPayload } from '@breakwater/retrieval'
import { type NeighbourIndex, neighbourVote } from '@breakwater/viewport'
import { encodeAtAnchor } from '../at-anchor.ts'
import { metadataOf, outcomesOf } from '../index/touches.ts'
import { countLookUp, countOne, type ScoreCounts } from './counts.ts'
import { type ResolvedTouch, touchTable } from './resolved-touches.ts'

/** How neighbours are looked up, and how a payload lists them. */
export interface LookUpOptions {
  readonly horizons: readonly number[]
  /** Neighbours listed in a payload, nearest first; all of them vote. */
  readonly listed: number
  /** A time of a listed neighbour as the payload writes it. */
  readonly timeOf: (ns: bigint) => unknown
}

/** What the outcomes of touches are told by. */
export interface GrowthSettings {
  readonly anchor: Anchor
  readonly thresholds: Thresholds
  readonly lookforwardSeconds: number
}

/** Neighbours among past touches, and among those that are added as their outcomes become known. */
export interface GrowingNeighbours extends NeighbourIndex {
  /** Touches that were added and are held. */
  readonly added: number
  /**
   * Adds touches in the order in which their outcomes became known, by the definitions of the index's own. Those of sessions that the index
   * holds already are left out. Cost: as for so many rows of a batch.
   */
  readonly add: (touches: readonly ResolvedTouch[]) => void
  /** Forgets the touches that were added. */
  readonly clear: () => void
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
  growth?: GrowthSettings,
): GrowingNeighbours {
  const searcher = createGrowingSearcher(index)
  const encoded = new Float32Array(encoder.columns.length)
  const indexed = new Set(Array.from(new Set(index.stored.session), (code) => index.sessions[code]))
  return {
    get added() {
      return searcher.added
    },
    add(touches) {
      if (growth === undefined) throw new Error('models: neighbours: were made without settings to grow by.')
      const fresh = touches.filter(({ row: { date } }) => typeof date === 'string' && !indexed.has(date))
      if (fresh.length === 0) return
      const { anchor, thresholds, lookforwardSeconds } = growth
      const table = touchTable(fresh, anchor)
      const targets = deriveHeads(table, {
        thresholds,
        windowSeconds: lookforwardSeconds,
        anchors: [anchor],
        horizons: [],
      })
      const { matrix } = encodeAtAnchor(encoder, table, anchor)
      searcher.add(
        matrix,
        outcomesOf({ table, thresholds }, anchor, targets),
        metadataOf({ table, lookforwardSeconds }, anchor),
      )
    },
    clear: () => searcher.clear(),
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
