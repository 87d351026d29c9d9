import type { FeatureDrift } from '../drift/drift.ts'
import type { LiveScore, Span } from '../scores/live-scores.ts'
import type { Watch } from './watch.ts'

/** Labels of a sample, and its value. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** A metric whose values are read from a watch. */
export interface WatchMetric {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: (watch: Watch) => readonly Sample[]
}

const one = (name: string, help: string, value: (watch: Watch) => number | null): WatchMetric => ({
  name,
  help,
  labels: [],
  samples: (watch) => {
    const now = value(watch)
    return now === null ? [] : [[{}, now]]
  },
})

const by = (
  [name, label]: readonly [string, string],
  help: string,
  values: (watch: Watch) => readonly (readonly [string, number])[],
): WatchMetric => ({
  name,
  help,
  labels: [label],
  samples: (watch) => values(watch).map(([key, value]) => [{ [label]: key }, value]),
})

const bySpan = (name: string, help: string, value: (score: LiveScore) => number | null): WatchMetric => ({
  name,
  help,
  labels: ['head', 'span'],
  samples: ({ observer: { monitor } }) =>
    monitor.scores.heads().flatMap((head) =>
      (['today', 'recent'] as const satisfies readonly Span[]).flatMap((span): Sample[] => {
        const score = monitor.scores.score(head, span)
        const now = score === null ? null : value(score)
        return now === null ? [] : [[{ head, span }, now]]
      }),
    ),
})

/** Counters of a watch. */
export const WATCH_COUNTERS: readonly WatchMetric[] = [
  by(['breakwater_outcomes_total', 'result'], 'Answers to published forecasts, by result.', ({ observer }) => {
    const { answered, masked, censored } = observer.monitor.counts
    return [
      ['answered', answered],
      ['masked', masked - censored],
      ['censored', censored],
    ]
  }),
  by(['breakwater_outcome_bars_total', 'result'], 'Bars that outcomes are taken from, by result.', ({ observer }) => {
    const { bars, lateBars, missingBars, repeatedBars } = observer.monitor.counts
    return [
      ['taken', bars],
      ['late', lateBars],
      ['missing', missingBars],
      ['repeated', repeatedBars],
    ]
  }),
  one('breakwater_calibration_alarms_total', 'Calibration alarms raised.', ({ observer }) => observer.raised),
  by(['breakwater_audit_records_total', 'result'], 'Records of the audit log, by result.', ({ audit }) => {
    if (audit === null) return []
    const { written, lost, lostByCrash } = audit.counts
    return [
      ['written', written],
      ['lost', lost + audit.dropped],
      ['lost_by_crash', lostByCrash],
    ]
  }),
  by(['breakwater_challenger_ticks_total', 'result'], 'Ticks of the challenger, by result.', ({ challenger }) => {
    return challenger === null
      ? []
      : [
          ['scored', challenger.counts.scored],
          ['dropped', challenger.counts.dropped],
        ]
  }),
  by(
    ['breakwater_skew_rows_total', 'result'],
    'Live rows that were built again in batch, by result.',
    ({ features }) => {
      const { same, skewed, absent } = features.skew
      return [
        ['same', same],
        ['skewed', skewed],
        ['absent', absent],
      ]
    },
  ),
  by(['breakwater_skewed_values_total', 'feature'], 'Live values that differed from batch.', ({ features }) => [
    ...features.skew.byFeature,
  ]),
  one('breakwater_audit_failures_total', 'Writes of the audit log that failed.', ({ audit }) =>
    audit === null ? null : audit.counts.failures,
  ),
]

const byFeature = (name: string, help: string, value: (feature: FeatureDrift) => number | null): WatchMetric =>
  by([name, 'feature'], help, ({ features }) =>
    (features.drift?.features() ?? []).flatMap((feature) => {
      const now = value(feature)
      return now === null ? [] : [[feature.name, now] as const]
    }),
  )

/** Gauges of a watch. */
export const WATCH_GAUGES: readonly WatchMetric[] = [
  byFeature(
    'breakwater_drift_evidence',
    'Evidence that a feature is distributed otherwise than in training, by the number of features; 100 raises the alarm.',
    ({ evidence }) => evidence,
  ),
  byFeature('breakwater_drift_alarm', '1 while a drift alarm of the feature is raised, else 0.', ({ alarmed }) =>
    Number(alarmed),
  ),
  byFeature(
    'breakwater_feature_stability',
    'Population stability index of a feature in this session against training.',
    ({ stability }) => stability,
  ),
  byFeature(
    'breakwater_feature_missing_ratio',
    'Share of confirmed touches of this session without a value.',
    ({ rows, missing }) => (rows === 0 ? null : missing),
  ),
  byFeature(
    'breakwater_feature_unseen_ratio',
    'Share of confirmed touches of this session with a word that training had not.',
    ({ rows, unseen }) => (rows === 0 ? null : unseen),
  ),
  one(
    'breakwater_session_out_of_distribution_ratio',
    'Share of confirmed touches of this session that are unlike anything indexed.',
    ({ features }) => features.drift?.outOfDistribution() ?? null,
  ),
  one(
    'breakwater_forecasts_open',
    'Published forecasts that wait for an answer.',
    ({ observer }) => observer.monitor.open,
  ),
  by(
    ['breakwater_calibration_evidence', 'head'],
    'Evidence against the calibration of a head: an e-process; 100 raises the alarm.',
    ({ observer }) => observer.monitor.standings().map(({ head, evidence }) => [head, evidence]),
  ),
  by(
    ['breakwater_calibration_alarm', 'head'],
    '1 while a calibration alarm of the head is raised, else 0.',
    ({ observer }) => observer.monitor.standings().map(({ head, alarmed }) => [head, Number(alarmed)]),
  ),
  bySpan(
    'breakwater_live_brier',
    'Brier score of what was published, mean squared error of dollars.',
    ({ brier }) => brier,
  ),
  bySpan('breakwater_live_log_loss', 'Log loss of what was published, nats.', ({ logLoss }) => logLoss),
  bySpan(
    'breakwater_live_gain',
    'Brier score saved over the law of first passage alone, on the moments that it was asked about; positive is better.',
    ({ gain }) => gain?.brier ?? null,
  ),
  bySpan('breakwater_live_smooth_ece', 'Smooth calibration error of what was published.', ({ smoothEce }) => smoothEce),
  {
    name: 'breakwater_tested_score',
    help: 'Scores on test rows at the anchor, of what is served and of the law alone: what live scores are held against.',
    labels: ['head', 'by', 'score'],
    samples: ({ features: { served } }) =>
      [...(served?.tested ?? [])].flatMap(([head, tested]) =>
        (['served', 'law'] as const).flatMap((source): Sample[] => {
          const figures = tested[source]
          if (figures === null) return []
          const scores = { brier: figures.brier, log_loss: figures.logLoss, smooth_ece: figures.smoothEce }
          return Object.entries(scores).map(([score, value]) => [{ head, by: source, score }, value])
        }),
      ),
  },
  bySpan('breakwater_live_calibration_gap', 'Mean outcome minus mean forecast.', ({ meanOutcome, meanForecast }) => {
    return meanOutcome - meanForecast
  }),
  bySpan(
    'breakwater_live_coverage',
    'Share of answers that lay in the published interval.',
    ({ coverage }) => coverage,
  ),
]
