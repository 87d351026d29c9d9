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
  one('breakwater_audit_failures_total', 'Writes of the audit log that failed.', ({ audit }) =>
    audit === null ? null : audit.counts.failures,
  ),
]

/** Gauges of a watch. */
export const WATCH_GAUGES: readonly WatchMetric[] = [
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
    '1 where a calibration alarm of the head stands, else 0.',
    ({ observer }) => observer.monitor.standings().map(({ head, alarmed }) => [head, Number(alarmed)]),
  ),
  bySpan(
    'breakwater_live_brier',
    'Brier score of what was published, mean squared error of dollars.',
    ({ brier }) => brier,
  ),
  bySpan('breakwater_live_calibration_gap', 'Mean outcome less mean forecast.', ({ meanOutcome, meanForecast }) => {
    return meanOutcome - meanForecast
  }),
  bySpan(
    'breakwater_live_coverage',
    'Share of answers that lay in the published interval.',
    ({ coverage }) => coverage,
  ),
]
