import { readFileSync } from 'node:fs'
import {
  BARRIER_STATES,
  type Bars,
  buildSignals,
  type Column,
  FUEL_EFFECTS,
  newYorkCalendar,
  parseSchema,
  type Schema,
  type Table,
} from '@breakwater/features'
import {
  describeSet,
  describeSignals,
  type FitPlan,
  type FitRequest,
  fitSet,
  type Origin,
  planFit,
  type SetDescription,
  SETTINGS_KEY,
  type Signals,
  type TreeOptions,
} from '@breakwater/models'
import { uniforms } from './seeded.ts'

const MINUTE_NS = 60_000_000_000n
const MINUTES = 390

export const SCHEMA: Schema = parseSchema(
  JSON.parse(readFileSync(new URL('../../../data/features.json', import.meta.url), 'utf8')),
  'data/features.json',
)

/** Sessions of a price that wanders by up to 30 cents a minute. */
export function bars(dates: readonly string[] = DATES.slice(0, 10), seed = 8): Bars {
  const next = uniforms(seed)
  const calendar = newYorkCalendar()
  const rows = dates.length * MINUTES
  const close = new Float64Array(rows)
  let price = 510
  for (let i = 0; i < rows; i++) close[i] = price = Math.round(100 * (price + 0.6 * (next() - 0.5))) / 100
  const open = close.map((_, i) => close[i - 1] ?? 510)
  const starts = dates.map((date) => calendar.sessionOf(date)?.openNs ?? 0n)
  return {
    rows,
    ts: BigInt64Array.from({ length: rows }, (_, i) => {
      return (starts[Math.floor(i / MINUTES)] ?? 0n) + BigInt(i % MINUTES) * MINUTE_NS
    }),
    open,
    high: close.map((value, i) => Math.max(value, open[i] ?? value) + 0.05),
    low: close.map((value, i) => Math.min(value, open[i] ?? value) - 0.05),
    close,
    volume: new Float64Array(rows).fill(1000),
  }
}

/** Seeded order-book readings for every row, a tenth of them missing: bars alone give none, and the gate would say nothing. */
function withReadings(table: Table, seed: number): Table {
  const next = uniforms(seed)
  const words = (dictionary: readonly string[]): Column => ({
    type: 'string',
    codes: Int32Array.from({ length: table.rows }, () => Math.floor(next() * 1.1 * dictionary.length)).map((code) =>
      code < dictionary.length ? code : -1,
    ),
    dictionary,
  })
  const numbers = (size: number): Column => ({
    type: 'number',
    values: Float64Array.from({ length: table.rows }, () => (next() < 0.1 ? Number.NaN : size * (next() - 0.5))),
  })
  return {
    rows: table.rows,
    columns: {
      ...table.columns,
      barrier_state: words(BARRIER_STATES),
      fuel_effect: words(FUEL_EFFECTS),
      tape_imbalance: numbers(2),
      gamma_exposure: numbers(400_000),
    },
  }
}

/** Weekdays of March 2024: sessions all, and two more that {@link sampleSignals} leaves out by default. */
export const DATES: readonly string[] = ['04', '05', '06', '07', '08', '11', '12', '13', '14', '15', '18', '19'].map(
  (day) => `2024-03-${day}`,
)

/** Signals of sessions whose thresholds are 40 and 80 cents, so that every outcome is common. */
export function sampleSignals(dates: readonly string[] = DATES.slice(0, 10), seed = 8): Signals {
  const { table, settings } = buildSignals(bars(dates, seed), { thresholds: [0.4, 0.8], warmupSessions: 0 })
  return describeSignals({
    schema: SCHEMA,
    table: withReadings(table, seed + 1),
    hash: `sample ${seed}`,
    files: ['sample'],
    metadata: { [SETTINGS_KEY]: JSON.stringify(settings) },
  })
}

export const ORIGIN: Origin = { timestamp: '2024-03-20T00:00:00.000Z', gitSha: null, libraryVersion: '0.0.0' }

/** Two folds of two test sessions, heads of one anchor. */
export const REQUEST: FitRequest = {
  stage: 'stage_b',
  ablation: 'full',
  plan: { folds: 2, testSessions: 2, valSessions: 1, embargoSessions: 0 },
  anchors: ['4min'],
  horizons: [60],
}

/** Trees that are trained in a moment. */
export const TREES: TreeOptions = { rounds: 8, learningRate: 0.2, maxDepth: 3, earlyStoppingRounds: 4, seed: 7 }

/** A set trained on signals, in memory. */
export async function sampleSet(
  signals: Signals,
  request: FitRequest = REQUEST,
): Promise<{ readonly plan: FitPlan; readonly set: SetDescription }> {
  const plan = planFit(signals, request)
  const [planned] = plan.sets
  if (planned === undefined) throw new Error('a set is planned')
  const fitted = await fitSet(plan, planned, { trees: TREES, calibrationFolds: 1 })
  return { plan, set: describeSet(fitted, ORIGIN) }
}
