import { deriveHeads, encodeRow, encodeTable, fitEncoder, selectFeatures } from '@breakwater/features'
import type { Encoder, Matrix, RowValues as FeatureRow, Schema, Table } from '@breakwater/features'
import { createSearcher, fitIndex, OUTCOME_NAMES, toPayload } from '@breakwater/retrieval'
import type { RetrievalIndex, Summary } from '@breakwater/retrieval'
import { createScorer, sigmoid } from '@breakwater/trees'
import type { TreeModel } from '@breakwater/trees'
import { trainHeadsParallel } from '@breakwater/trees/node'
import type { NeighbourAnswer, NeighbourIndex, Predictor } from '@breakwater/viewport'

/** Models of one stage: every head of an anchor, and the index of the same touches. */
export interface StageParts {
  readonly encoder: Encoder
  readonly heads: readonly string[]
  readonly models: readonly TreeModel[]
  readonly index: RetrievalIndex
}

/** Trains every head of the 4-minute anchor on a signals table, `rounds` trees each, and fits the index on all of its rows. */
export async function trainStage(
  table: Table,
  schema: Schema,
  stage: 'stage_a' | 'stage_b',
  rounds: number,
): Promise<StageParts> {
  const { features } = selectFeatures(schema, { stage, ablation: 'full', knownBy: 240 })
  const encoder = fitEncoder(table, features)
  const { matrix } = encodeTable(encoder, table)
  const targets = deriveHeads(table, { anchors: ['4min'] })
  const results = await trainHeadsParallel(
    matrix,
    targets.map(({ name, task, values, mask }) => ({
      name,
      objective: task === 'binary' ? 'logistic' : 'squared',
      labels: values,
      train: mask,
    })),
    { rounds },
  )
  const trained = results.flatMap((result) => (result.status === 'trained' ? [result] : []))
  return {
    encoder,
    heads: trained.map(({ name }) => name),
    models: trained.map(({ model }) => model),
    index: indexOf(matrix, table),
  }
}

/** The predictor that the viewport sees: one packed scorer, sigmoid where the head is a probability. */
export function predictorOf({ encoder, heads, models }: StageParts): Predictor {
  const scorer = createScorer(models)
  return {
    heads,
    width: encoder.columns.length,
    encode: (row, out) => encodeRow(encoder, row, out),
    predict(rows, count, { values, low, high }) {
      scorer.score(rows, count, values)
      low.fill(Number.NaN)
      high.fill(Number.NaN)
      for (const [h, { objective }] of models.entries()) {
        if (objective !== 'logistic') continue
        for (let at = h * count; at < (h + 1) * count; at++) values[at] = sigmoid(values[at] ?? Number.NaN)
      }
    },
  }
}

/** The index that the viewport sees. */
export function neighboursOf({ encoder, index }: StageParts): NeighbourIndex {
  const searcher = createSearcher(index)
  const encoded = new Float32Array(encoder.columns.length)
  return {
    query(row, asOf) {
      encodeRow(encoder, row, encoded)
      return answerOf(
        searcher.query(encoded, {
          asOf,
          eventId: word(row, 'event_id') ?? '',
          filters: {
            levelKindName: word(row, 'level_kind_name'),
            direction: word(row, 'direction'),
            gammaBucket: word(row, 'gamma_bucket'),
          },
        }),
      )
    },
  }
}

function answerOf(summary: Summary): NeighbourAnswer {
  const { pBreakGivenTradeable, distancePercentile, entropy } = summary
  const known = pBreakGivenTradeable !== null && distancePercentile !== null && entropy !== null
  return {
    vote: known
      ? { breakGivenTradeable: pBreakGivenTradeable, similarity: 1 - distancePercentile, entropy }
      : { missing: 'no neighbour says anything' },
    summary: toPayload(summary),
  }
}

function word(row: FeatureRow, name: string): string | null {
  const value = row[name]
  return typeof value === 'string' ? value : null
}

const WINDOW_NS = 720_000_000_000n

function indexOf(matrix: Matrix, table: Table): RetrievalIndex {
  const numbers = (name: string): Float32Array => {
    const column = table.columns[name]
    if (column?.type !== 'number') throw new Error(`bench: ${name} is not a number column`)
    return Float32Array.from(column.values)
  }
  const coded = (name: string): { codes: Int32Array; dictionary: readonly string[] } => {
    const column = table.columns[name]
    if (column?.type !== 'string') throw new Error(`bench: ${name} is no string column`)
    return column
  }
  const ts = table.columns['ts_ns']
  if (ts?.type !== 'time') throw new Error('bench: ts_ns is no time column')
  const words = coded('outcome')
  const codeOf = words.dictionary.map((name) => OUTCOME_NAMES.findIndex((one) => one === name))
  const dates = coded('date')
  const clusters = numbers('attempt_cluster_id')
  const episodes = Array.from(clusters, (id, row) => `${dates.codes[row]} ${id}`)
  const names = [...new Set(episodes)]
  const places = new Map(names.map((name, i) => [name, i]))
  const ids = coded('event_id')
  return fitIndex(
    matrix,
    {
      outcome: Int8Array.from(words.codes, (code) => codeOf[code] ?? -1),
      tradeable2: numbers('tradeable_2'),
      strengthSigned: numbers('strength_signed'),
      strengthAbs: numbers('strength_abs'),
      times: {
        threshold1: numbers('time_to_threshold_1'),
        threshold2: numbers('time_to_threshold_2'),
        break1: numbers('time_to_break_1'),
        bounce1: numbers('time_to_bounce_1'),
        break2: numbers('time_to_break_2'),
        bounce2: numbers('time_to_bounce_2'),
      },
      observed: numbers('window_s'),
    },
    {
      eventIds: Array.from(ids.codes, (code) => ids.dictionary[code] ?? ''),
      tsNs: ts.values,
      resolvedNs: ts.values.map((start) => start + WINDOW_NS),
      levelKindName: coded('level_kind_name'),
      direction: coded('direction'),
      gammaBucket: coded('gamma_bucket'),
      episode: { codes: Int32Array.from(episodes, (name) => places.get(name) ?? -1), dictionary: names },
      session: dates,
    },
  )
}
