import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** One panel: what it asks Prometheus, and how a line is named. */
interface Panel {
  readonly title: string
  readonly about: string
  readonly expr: string
  readonly legend: string
  readonly unit?: string
  /** A number rather than lines. */
  readonly isNumber?: boolean
}

const CALIBRATION: readonly Panel[] = [
  {
    title: 'Alarms that stand',
    about: 'Heads whose published probabilities are no longer calibrated.',
    expr: 'sum(breakwater_calibration_alarm) or vector(0)',
    legend: 'alarms',
    isNumber: true,
  },
  {
    title: 'Evidence against calibration',
    about: 'An e-process by head: 100 raises the alarm. A calibrated head reaches 100 with a chance of 1% at most.',
    expr: 'breakwater_calibration_evidence',
    legend: '{{head}}',
  },
  {
    title: 'Outcome less forecast, last 20 sessions',
    about: 'Mean outcome minus mean forecast by head: near 0 where forecasts are true on average.',
    expr: 'breakwater_live_calibration_gap{span="recent"}',
    legend: '{{head}}',
    unit: 'percentunit',
  },
  {
    title: 'Brier score today',
    about: 'Mean squared error of what was published, by head; smaller is better.',
    expr: 'breakwater_live_brier{span="today"}',
    legend: '{{head}}',
  },
  {
    title: 'Smooth calibration error, last 20 sessions and in test',
    about: 'By head: of what was published, and of the bundle on its test rows at the anchor.',
    expr: 'breakwater_live_smooth_ece{span="recent"} or breakwater_tested_score{by="served",score="smooth_ece"}',
    legend: '{{head}} {{span}} {{by}}',
  },
  {
    title: 'Coverage of intervals',
    about: 'Share of answers that lay in the published interval.',
    expr: 'breakwater_live_coverage',
    legend: '{{head}} {{span}}',
    unit: 'percentunit',
  },
]

const FEATURES: readonly Panel[] = [
  {
    title: 'Evidence of drift',
    about: 'An e-process by feature, session by session, against training; 100 raises the alarm. The ten largest.',
    expr: 'topk(10, breakwater_drift_evidence)',
    legend: '{{feature}}',
  },
  {
    title: 'Stability of features today',
    about: 'Population stability index against training: below 0.1 stable, above 0.25 moved. The ten largest.',
    expr: 'topk(10, breakwater_feature_stability)',
    legend: '{{feature}}',
  },
  {
    title: 'Touches unlike any in the index',
    about: 'Share of the confirmed touches of this session.',
    expr: 'breakwater_session_out_of_distribution_ratio',
    legend: 'unlike',
    unit: 'percentunit',
  },
  {
    title: 'Live rows against batch',
    about: 'Rows that were built again of the same bars, by result.',
    expr: 'increase(breakwater_skew_rows_total[1h])',
    legend: '{{result}}',
  },
]

const FLOW: readonly Panel[] = [
  {
    title: 'Ticks a second',
    about: 'Ticks scored.',
    expr: 'rate(breakwater_ticks_total[$__rate_interval])',
    legend: 'ticks',
  },
  {
    title: 'Answers a minute',
    about: 'Answers to published forecasts, by result.',
    expr: '60 * rate(breakwater_outcomes_total[$__rate_interval])',
    legend: '{{result}}',
  },
  {
    title: 'Bars that outcomes are taken from',
    about: 'Late, missing and repeated bars in an hour.',
    expr: 'increase(breakwater_outcome_bars_total{result!="taken"}[1h])',
    legend: '{{result}}',
  },
  {
    title: 'Audit log',
    about: 'Records a second, written and lost.',
    expr: 'rate(breakwater_audit_records_total[$__rate_interval])',
    legend: '{{result}}',
  },
  {
    title: 'Time of a tick, 99th percentile',
    about: 'Time to read, score and send one tick.',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(breakwater_tick_seconds_bucket[$__rate_interval])))',
    legend: 'p99',
    unit: 's',
  },
]

const query = ({ expr, legend }: Panel): DataqueryBuilder =>
  new DataqueryBuilder().expr(expr).legendFormat(legend).refId('A')
const SOURCE = { type: 'prometheus', uid: '${source}' }

const ROWS: readonly (readonly [string, readonly Panel[]])[] = [
  ['Calibration', CALIBRATION],
  ['Features', FEATURES],
  ['Flow', FLOW],
]

/** The Grafana dashboard of a scorer. The same program gives the same text. */
export function dashboardJson(): string {
  const builder = new DashboardBuilder('Breakwater scorer')
    .uid('breakwater-scorer')
    .tags(['breakwater'])
    .refresh('30s')
    .time({ from: 'now-8h', to: 'now' })
    .timezone('America/New_York')
    .withVariable(new DatasourceVariableBuilder('source').label('Prometheus').type('prometheus'))
  for (const [title, panels] of ROWS) {
    builder.withRow(new RowBuilder(title))
    for (const panel of panels) {
      const { title: name, about, unit = 'short' } = panel
      const made = panel.isNumber === true ? new StatBuilder() : new SeriesBuilder()
      const shown = made.title(name).description(about).unit(unit).datasource(SOURCE).height(8)
      builder.withPanel(shown.span(12).withTarget(query(panel)))
    }
  }
  const dashboard: Dashboard = builder.build()
  return `${JSON.stringify(dashboard, null, 2)}\n`
}
