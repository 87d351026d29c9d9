import { readFileSync } from 'node:fs'
import { type Bars, buildSignals, newYorkCalendar, parseSchema, type Schema, type Table } from '@breakwater/features'
import {
  describeSet,
  describeSignals,
  fitSet,
  type FitRequest,
  planFit,
  SETTINGS_KEY,
  type Signals,
} from '@breakwater/models'
import type { PredictedPart, TrainedSet } from '@breakwater/models/node'
import { uniforms } from './seeded.ts'

/** A price that diffuses, and jumps. */
export interface Process {
  /** Dollars per square root of a minute. */
  readonly sigma: number
  /** Jumps a minute, and the mean and standard deviation of their sizes in dollars. */
  readonly rate: number
  readonly mean: number
  readonly deviation: number
  /** Drift of each half hour, in sigma a minute, by its number; default none. */
  readonly drift?: (halfHour: number) => number
}

const MINUTES = 390
const STEPS = 12
const MINUTE_NS = 60_000_000_000n

const SCHEMA: Schema = parseSchema(
  JSON.parse(readFileSync(new URL('../../../data/features.json', import.meta.url), 'utf8')),
  'data/features.json',
)

/** The first sessions of 2024. */
function sessionsOf(count: number): { readonly date: string; readonly openNs: bigint }[] {
  const calendar = newYorkCalendar()
  const sessions: { readonly date: string; readonly openNs: bigint }[] = []
  for (let day = 2; sessions.length < count; day++) {
    const date = new Date(Date.UTC(2024, 0, day)).toISOString().slice(0, 10)
    const session = calendar.sessionOf(date)
    if (session !== null && (session.closeNs - session.openNs) / MINUTE_NS === BigInt(MINUTES))
      sessions.push({ date, openNs: session.openNs })
  }
  return sessions
}

/** One-minute bars of a jump diffusion (Merton), a dozen steps a minute. */
export function mertonBars(process: Process, sessions: number, seed: number): Bars {
  const { sigma, rate, mean, deviation, drift = () => 0 } = process
  const next = uniforms(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const days = sessionsOf(sessions)
  const rows = days.length * MINUTES
  const columns = {
    open: new Float64Array(rows),
    high: new Float64Array(rows),
    low: new Float64Array(rows),
    close: new Float64Array(rows),
  }
  let price = 500
  for (let row = 0; row < rows; row++) {
    let [high, low] = [price, price]
    columns.open[row] = price
    for (let step = 0; step < STEPS; step++) {
      price += (sigma * drift(Math.floor(row / 30))) / STEPS + (sigma * normal()) / Math.sqrt(STEPS)
      if (next() < rate / STEPS) price += mean + deviation * normal()
      high = Math.max(high, price)
      low = Math.min(low, price)
    }
    columns.high[row] = high
    columns.low[row] = low
    columns.close[row] = price
  }
  return {
    rows,
    ts: BigInt64Array.from({ length: rows }, (_, row) => {
      return (days[Math.floor(row / MINUTES)]?.openNs ?? 0n) + BigInt(row % MINUTES) * MINUTE_NS
    }),
    ...columns,
    volume: new Float64Array(rows).fill(1000),
  }
}

/** A set in memory, with the rows that it predicted. */
export interface TrainedOnBars {
  readonly trained: TrainedSet
  readonly part: PredictedPart
}

/** What a set is trained on, and how. */
export interface TrainingOnBars {
  readonly bars: Bars
  readonly thresholds: readonly [number, number]
  readonly plan: FitRequest['plan']
  readonly ablation?: FitRequest['ablation']
  /** Changes the signals before they are trained on. */
  readonly withColumns?: (table: Table) => Table
}

/** Trains a set at the primary anchor on bars, as `breakwater train` does, in memory. */
export async function trainOnBars(request: TrainingOnBars): Promise<TrainedOnBars> {
  const { bars, thresholds, plan, ablation = 'ta', withColumns = (table) => table } = request
  const built = buildSignals(bars, { thresholds, warmupSessions: 0 })
  const { settings } = built
  const table = withColumns(built.table)
  const signals: Signals = describeSignals({
    schema: SCHEMA,
    table,
    hash: 'simulated',
    files: ['simulated'],
    metadata: { [SETTINGS_KEY]: JSON.stringify(settings) },
  })
  const fit = planFit(signals, { stage: 'stage_b', ablation, plan, anchors: ['4min'] })
  const [planned] = fit.sets
  if (planned === undefined) throw new Error('a set is planned')
  const trees = { rounds: 60, learningRate: 0.1, maxDepth: 3, earlyStoppingRounds: 10, seed: 7 }
  const fitted = await fitSet(fit, planned, { trees, calibrationFolds: 1, bars })
  const { details, bundles, skipped, law, predictions } = describeSet(fitted, {
    timestamp: '2024-03-20T00:00:00.000Z',
    gitSha: null,
    libraryVersion: '0.0.0',
  })
  const trained = {
    details: { ...details, predictions: { file: 'none', sha256: '', role: predictions.role } },
    bundles,
    skipped,
    law,
    predictions,
    metadata: { timestamp: '', heads: [] },
    metadataFile: 'none',
  } as unknown as TrainedSet
  return { trained, part: { signals, predictions, targets: fit.targets, keep: () => true } }
}
