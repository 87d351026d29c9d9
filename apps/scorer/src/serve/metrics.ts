import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { AnyScorer } from '../embedded/scorer.ts'
import type { ActiveStatus } from '../embedded/status.ts'
import type { BusCounts } from '@breakwater/bus'
import { countOne } from '@breakwater/models'
import { type Watch, WATCH_COUNTERS, WATCH_GAUGES } from '@breakwater/monitor/node'
import type { LivePage } from '@breakwater/pages/live'

/** Why an HTTP request was refused. */
export type HttpRefusal = 'host' | 'origin' | 'pages' | 'connections'

/** Metrics of one scorer in the format of Prometheus. */
export interface Metrics {
  readonly contentType: string
  readonly text: () => Promise<string>
  /** Tells how long a tick took, and how long it was from its arrival until its payload was sent; milliseconds. */
  readonly observeTick: (ms: number, sinceArrivalMs?: number) => void
  readonly countRefusal: (reason: HttpRefusal) => void
}

/** Seconds: around the targets of 1 ms at the median and 3 ms at the 99th percentile. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25]
const MS = 1000

/** What is measured: the bus once it has been joined, the live page where it is served. */
export interface MetricSources {
  readonly scorer: AnyScorer
  readonly bus: () => BusCounts | null
  readonly page: LivePage | null
  /** null where nothing is watched. */
  readonly watch: Watch | null
}

/** The metrics of a scorer. Reading them changes nothing. */
export function createMetrics({ scorer, bus, page, watch }: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const timer = (name: string, help: string): Histogram => new Histogram({ name, help, buckets: BUCKETS, registers })
  const tick = timer('breakwater_tick_seconds', 'Time to read, score and send one tick.')
  const message = timer('breakwater_message_seconds', 'Time from arrival of a message until its payload is sent.')
  const refused = new Counter({
    name: 'breakwater_http_refused_total',
    help: 'Requests and connections refused, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const collect = <S>(Kind: typeof Counter | typeof Gauge, rows: readonly Row<S>[], source: () => S | null): void => {
    for (const row of rows) collected(Kind, registers, row, source)
  }
  const active = (): ActiveStatus | null => {
    const status = scorer.status()
    return status.enabled ? status : null
  }
  collect(Counter, COUNTERS, active)
  collect(Counter, BUS_COUNTERS, bus)
  collect(Counter, PAGE_COUNTERS, () => page)
  collect(Gauge, GAUGES, active)
  collect(Counter, WATCH_COUNTERS, () => watch)
  collect(Gauge, WATCH_GAUGES, () => watch)
  collect(Gauge, BUS_GAUGES, bus)
  collect(Gauge, [one<LivePage>('breakwater_pages', 'Live pages that are open.', ({ readers }) => readers)], () => page)
  collectDefaultMetrics({ register: registry })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeTick: (ms, sinceArrivalMs) => {
      tick.observe(ms / MS)
      if (sinceArrivalMs !== undefined) message.observe(sinceArrivalMs / MS)
    },
    countRefusal: (reason) => refused.inc({ reason }),
  }
}

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]
interface Row<S> {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: (source: S) => readonly Sample[]
}

/** A metric of one value; null leaves it out. */
function one<S>(name: string, help: string, value: (source: S) => number | null): Row<S> {
  const samples = (source: S): readonly Sample[] => {
    const now = value(source)
    return now === null ? [] : [[{}, now]]
  }
  return { name, help, labels: [], samples }
}

/** A metric of a value by label. The words of a label are ours, never a sender's. */
function by<S>(
  [name, label]: readonly [name: string, label: string],
  help: string,
  counts: (source: S) => Readonly<Record<string, number>> | ReadonlyMap<string, number>,
): Row<S> {
  const samples = (source: S): readonly Sample[] => {
    const now = counts(source)
    const entries: Iterable<[string, number]> = now instanceof Map ? now.entries() : Object.entries(now)
    return Array.from(entries, ([key, value]) => [{ [label]: key }, value])
  }
  return { name, help, labels: [label], samples }
}

const mapped = <V>(record: Readonly<Record<string, V>>, valueOf: (value: V) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, valueOf(value)]))
const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, value) => total + value, 0)

const COUNTERS: readonly Row<ActiveStatus>[] = [
  one('breakwater_ticks_total', 'Ticks scored.', ({ viewport }) => viewport.ticks),
  by(['breakwater_refused_ticks_total', 'code'], 'Ticks refused whole, by code.', (s) => s.refusedTicks),
  by(
    ['breakwater_target_failures_total', 'code'],
    'Targets that failed while the others were scored, by code.',
    ({ viewport }) => mapped(viewport.failures, ({ count }) => count),
  ),
  one('breakwater_rejected_levels_total', 'Rejected levels.', ({ viewport }) => viewport.rejectedLevels),
  one('breakwater_evicted_levels_total', 'Levels evicted for lack of room.', ({ viewport }) => viewport.evictedLevels),
  by(['breakwater_rejected_bars_total', 'code'], 'Bars left out, by code.', ({ viewport }) => viewport.rejectedBarsBy),
  one(
    'breakwater_believed_jumps_total',
    'Jumps of price that were accepted.',
    ({ viewport }) => viewport.believedJumps,
  ),
  one(
    'breakwater_rewinds_total',
    'Times that the clock went back behind accepted ticks.',
    ({ viewport }) => viewport.rewinds,
  ),
  by(['breakwater_missing_features_total', 'column'], 'Encoded rows without a value.', (s) => s.missingFeatures),
  by(
    ['breakwater_unseen_categories_total', 'column'],
    'Encoded rows with a category that did not occur in training, by column.',
    (s) => mapped(s.unseenCategories, sum),
  ),
  one('breakwater_lookups_total', 'Rows looked up among past touches.', ({ lookUps }) => lookUps),
  by(['breakwater_dropped_filters_total', 'filter'], 'Look-ups that gave up a filter.', (s) => s.droppedFilters),
  by(
    ['breakwater_trees_alone_total', 'reason'],
    'Look-ups whose neighbours had no vote, by reason.',
    (s) => s.treesAlone,
  ),
  by(
    ['breakwater_unknown_fields_total', 'place'],
    'Fields that are not in the schema, by the object that holds them.',
    (s) => byPlace(s.unknownFields),
  ),
  one('breakwater_bad_readings_total', 'Readings that were treated as missing.', ({ badReadings }) => badReadings),
  by(['breakwater_reloads_total', 'result'], 'Reloads of models, by result.', ({ reloads: { swapped, refused } }) => ({
    swapped,
    refused,
  })),
]

const BUS_COUNTERS: readonly Row<BusCounts>[] = [
  one('breakwater_bus_received_total', 'Messages received.', ({ received }) => received),
  by(['breakwater_bus_sent_total', 'way'], 'Messages sent, by way.', ({ published, replied }) => ({
    published,
    replied,
  })),
  one('breakwater_bus_missed_total', 'Numbered level payloads that never arrived.', (s) => s.sequence.missed),
  one('breakwater_bus_restarts_total', 'Restarts of the numbering.', (s) => s.sequence.restarts),
  one(
    'breakwater_stream_missed_total',
    'Messages that the stream had dropped unread.',
    (s) => s.stream?.missed ?? null,
  ),
  one('breakwater_stream_repeated_total', 'Messages that came again.', ({ stream }) => stream?.repeated ?? null),
  one('breakwater_bus_unsent_total', 'Messages that could not be sent.', ({ unsent }) => unsent),
  by(['breakwater_bus_dropped_total', 'reason'], 'Messages that were not scored, by reason.', ({ dropped }) => dropped),
  by(['breakwater_bus_events_total', 'event'], 'Events of the connection, by event.', ({ events }) => events),
]

const BUS_GAUGES: readonly Row<BusCounts>[] = [
  one('breakwater_stream_sequence', 'Number of the last message read.', ({ stream }) => stream?.last ?? null),
  one('breakwater_stream_pending', 'Messages that wait in the stream.', ({ stream }) => stream?.pending ?? null),
]

const PAGE_COUNTERS: readonly Row<LivePage>[] = [
  by(
    ['breakwater_page_payloads_total', 'result'],
    'Payloads for pages, by result.',
    ({ counts: { sent, skipped } }) => ({
      sent,
      skipped,
    }),
  ),
  one(
    'breakwater_pages_dropped_total',
    'Pages disconnected because they had stopped reading.',
    ({ counts }) => counts.dropped,
  ),
]

const GAUGES: readonly Row<ActiveStatus>[] = [
  by(['breakwater_targets', 'state'], 'Targets of the last tick, by state.', ({ viewport }) => viewport.targetsByState),
  one('breakwater_levels', 'Levels remembered.', ({ viewport }) => viewport.levels),
  one(
    'breakwater_out_of_distribution_ratio',
    'Share of look-ups whose row is unlike any indexed row.',
    ({ outOfDistribution }) => outOfDistribution,
  ),
  {
    name: 'breakwater_model_info',
    help: 'The models that serve: 1 for each stage.',
    labels: ['stage', 'metadata_sha256', 'trained_at'],
    samples: ({ models }) =>
      Object.entries(models).flatMap(([stage, report]) =>
        report === null ? [] : [[{ stage, metadata_sha256: report.metadataSha256, trained_at: report.trainedAt }, 1]],
      ),
  },
  one('breakwater_model_loaded_timestamp_seconds', 'When the models were swapped in.', ({ loadedAt }) => loadedAt / MS),
  by(
    ['breakwater_missing_heads', 'stage'],
    'Heads that payloads need and no model provides, by stage.',
    ({ viewport }) => mapped(viewport.missingHeads, ({ length }) => length),
  ),
]

const PLACES = ['spy', 'levels', 'bars']

/** Counts of unknown fields by where they stand: their names are the sender's. */
function byPlace(fields: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const [name, count] of Object.entries(fields)) {
    const place = PLACES.find((prefix) => name.startsWith(`${prefix}.`) || name.startsWith(`${prefix}[].`))
    countOne(places, place ?? (name === 'others' ? 'other' : 'snapshot'), count)
  }
  return places
}

/** A counter or gauge whose values are those of its source when they are read. */
function collected<S>(
  Kind: typeof Counter | typeof Gauge,
  registers: Registry[],
  { name, help, labels, samples }: Row<S>,
  source: () => S | null,
): void {
  const metric: Counter | Gauge = new Kind({
    name,
    help,
    labelNames: [...labels],
    registers,
    collect: () => {
      metric.reset()
      const now = source()
      // From 0, also in a gauge.
      if (now !== null) for (const [labelled, value] of samples(now)) metric.inc(labelled, value)
    },
  })
}
