import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ViewportScorer } from '../embedded/scorer.ts'
import type { ActiveStatus } from '../embedded/status.ts'
import { countOne } from '../models/counts.ts'
import type { BusCounts } from './bus.ts'

/** Metrics of one scorer in the format of Prometheus. */
export interface Metrics {
  readonly contentType: string
  readonly text: () => Promise<string>
  /** Tells how long a tick took, milliseconds. */
  readonly observeTick: (ms: number) => void
}

/** Seconds: around the targets of 1 ms at the median and 3 ms at the 99th percentile. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25]
const MS = 1000

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

/** The metrics of a scorer; `bus` gives the bus's counts once it has joined one. Reading them changes nothing. */
export function createMetrics(scorer: ViewportScorer, bus: () => BusCounts | null): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const tick = new Histogram({
    name: 'breakwater_tick_seconds',
    help: 'Time to read, score and send one tick.',
    buckets: BUCKETS,
    registers,
  })
  const active = (): ActiveStatus | null => {
    const status = scorer.status()
    return status.enabled ? status : null
  }
  const read =
    (samples: (status: ActiveStatus) => readonly Sample[]): (() => readonly Sample[]) =>
    () => {
      const status = active()
      return status === null ? [] : samples(status)
    }
  for (const row of counters(read, bus)) collected(Counter, registers, row)
  for (const row of gauges(read)) collected(Gauge, registers, row)
  collectDefaultMetrics({ register: registry })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeTick: (ms) => tick.observe(ms / MS),
  }
}

type Row = readonly [name: string, help: string, labelNames: readonly string[], samples: () => readonly Sample[]]
type Read = (samples: (status: ActiveStatus) => readonly Sample[]) => () => readonly Sample[]

const byLabel = (label: string, counts: Iterable<readonly [string, number]>): Sample[] =>
  [...counts].map(([key, value]) => [{ [label]: key }, value])
const entries = (record: Readonly<Record<string, number>>): [string, number][] => Object.entries(record)

function counters(read: Read, bus: () => BusCounts | null): Row[] {
  const onBus = (samples: (counts: BusCounts) => readonly Sample[]) => (): readonly Sample[] => {
    const counts = bus()
    return counts === null ? [] : samples(counts)
  }
  return [
    ['breakwater_ticks_total', 'Ticks scored.', [], read(({ viewport }) => [[{}, viewport.ticks]])],
    [
      'breakwater_refused_ticks_total',
      'Ticks refused whole, by code.',
      ['code'],
      read((s) => byLabel('code', entries(s.refusedTicks))),
    ],
    [
      'breakwater_target_failures_total',
      'Targets that failed while the others were scored, by code.',
      ['code'],
      read(({ viewport }) =>
        byLabel(
          'code',
          Object.entries(viewport.failures).map(([code, { count }]) => [code, count]),
        ),
      ),
    ],
    [
      'breakwater_rejected_levels_total',
      'Levels that could not become targets.',
      [],
      read(({ viewport }) => [[{}, viewport.rejectedLevels]]),
    ],
    [
      'breakwater_evicted_levels_total',
      'Levels forgotten because there were too many.',
      [],
      read(({ viewport }) => [[{}, viewport.evictedLevels]]),
    ],
    [
      'breakwater_rejected_bars_total',
      'Bars that were left out, by code.',
      ['code'],
      read(({ viewport }) => byLabel('code', entries(viewport.rejectedBarsBy))),
    ],
    [
      'breakwater_believed_jumps_total',
      'Jumps of price that were believed.',
      [],
      read(({ viewport }) => [[{}, viewport.believedJumps]]),
    ],
    [
      'breakwater_rewinds_total',
      'Times that the clock went back behind ticks it had let in.',
      [],
      read(({ viewport }) => [[{}, viewport.rewinds]]),
    ],
    [
      'breakwater_missing_features_total',
      'Encoded rows without a value, by column.',
      ['column'],
      read((s) => byLabel('column', entries(s.missingFeatures))),
    ],
    [
      'breakwater_unseen_categories_total',
      'Encoded rows with a category that training had not, by column.',
      ['column'],
      read((s) =>
        byLabel(
          'column',
          Object.entries(s.unseenCategories).map(([column, values]) => [column, sum(values)]),
        ),
      ),
    ],
    ['breakwater_lookups_total', 'Rows looked up among past touches.', [], read(({ lookUps }) => [[{}, lookUps]])],
    [
      'breakwater_dropped_filters_total',
      'Look-ups that gave up a filter, by filter.',
      ['filter'],
      read((s) => byLabel('filter', entries(s.droppedFilters))),
    ],
    [
      'breakwater_trees_alone_total',
      'Look-ups whose neighbours had no say, by reason.',
      ['reason'],
      read((s) => byLabel('reason', entries(s.treesAlone))),
    ],
    [
      'breakwater_unknown_fields_total',
      'Fields of snapshots that no schema names, by the object they stand in.',
      ['place'],
      read((s) => byLabel('place', byPlace(s.unknownFields))),
    ],
    ['breakwater_bad_readings_total', 'Readings that were taken as missing.', [], read((s) => [[{}, s.badReadings]])],
    [
      'breakwater_reloads_total',
      'Reloads of models, by result.',
      ['result'],
      read(({ reloads }) =>
        byLabel('result', [
          ['swapped', reloads.swapped],
          ['refused', reloads.refused],
        ]),
      ),
    ],
    ['breakwater_bus_received_total', 'Messages received.', [], onBus(({ received }) => [[{}, received]])],
    [
      'breakwater_bus_sent_total',
      'Messages sent, by way.',
      ['way'],
      onBus(({ published, replied }) =>
        byLabel('way', [
          ['published', published],
          ['replied', replied],
        ]),
      ),
    ],
    ['breakwater_bus_unsent_total', 'Messages that could not be sent.', [], onBus(({ unsent }) => [[{}, unsent]])],
    [
      'breakwater_bus_dropped_total',
      'Messages that were not scored, by reason.',
      ['reason'],
      onBus(({ dropped }) => byLabel('reason', dropped)),
    ],
    [
      'breakwater_bus_events_total',
      'What the connection said, by event.',
      ['event'],
      onBus(({ events }) => byLabel('event', events)),
    ],
  ]
}

function gauges(read: Read): Row[] {
  return [
    [
      'breakwater_targets',
      'Targets of the last tick, by state.',
      ['state'],
      read(({ viewport }) => byLabel('state', entries(viewport.targetsByState))),
    ],
    ['breakwater_levels', 'Levels remembered.', [], read(({ viewport }) => [[{}, viewport.levels]])],
    [
      'breakwater_out_of_distribution_ratio',
      'Share of look-ups whose row is unlike anything indexed.',
      [],
      read(({ outOfDistribution }) => (outOfDistribution === null ? [] : [[{}, outOfDistribution]])),
    ],
    [
      'breakwater_model_info',
      'Models that serve: 1 for each stage.',
      ['stage', 'metadata_sha256', 'trained_at'],
      read(({ models }) =>
        Object.entries(models).flatMap(([stage, report]) =>
          report === null ? [] : [[{ stage, metadata_sha256: report.metadataSha256, trained_at: report.trainedAt }, 1]],
        ),
      ),
    ],
    [
      'breakwater_model_loaded_timestamp_seconds',
      'When the models were swapped in.',
      [],
      read(({ loadedAt }) => [[{}, loadedAt / MS]]),
    ],
    [
      'breakwater_missing_heads',
      'Heads that payloads need and no model has, by stage.',
      ['stage'],
      read(({ viewport }) =>
        byLabel(
          'stage',
          Object.entries(viewport.missingHeads).map(([stage, heads]) => [stage, heads.length]),
        ),
      ),
    ],
  ]
}

const PLACES = ['spy', 'levels', 'bars']

/** Counts of unknown fields by where they stand: their names are the sender's and never become a label. */
function byPlace(fields: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const [name, count] of Object.entries(fields)) {
    const place = PLACES.find((one) => name.startsWith(`${one}.`) || name.startsWith(`${one}[].`))
    countOne(places, place ?? (name === 'others' ? 'other' : 'snapshot'), count)
  }
  return places
}

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((total, one) => total + one, 0)

/** A counter or gauge whose values are those of the scorer when they are read. */
function collected(
  Kind: typeof Counter | typeof Gauge,
  registers: Registry[],
  [name, help, labels, samples]: Row,
): void {
  const metric: Counter | Gauge = new Kind({
    name,
    help,
    labelNames: [...labels],
    registers,
    collect: () => {
      metric.reset()
      // From 0, also in a gauge.
      for (const [labelled, value] of samples()) metric.inc(labelled, value)
    },
  })
}
