import type { BarSeries, BarSeriesName, Table } from '@breakwater/features'
import { barSeries, numbersOf, timesOf } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import type { BarChannels } from '@breakwater/patchtst'
import { type BarsSource, readOptionsOf, type StateSettings } from '../signals.ts'

const MINUTE_NS = 60_000_000_000n

/**
 * Reads bars and computes the market's state at the end of each, with the windows that the signals were made with. Relative
 * files start from the working folder of the process; `signal` stops the reading.
 */
export async function readSeries(
  source: BarsSource,
  state: StateSettings | undefined,
  signal?: AbortSignal,
): Promise<BarSeries> {
  const options = { ...readOptionsOf(source), ...(signal === undefined ? {} : { signal }) }
  const { bars } = await readBars(source.files, options)
  return barSeries(bars, state)
}

/** The chosen series as channels of windows: each bar is complete a minute after it starts. */
export function channelsOf(series: BarSeries, names: readonly BarSeriesName[]): BarChannels {
  return {
    rows: series.rows,
    completeNs: series.ts.map((start) => start + MINUTE_NS),
    sessions: series.sessions,
    names,
    values: names.map((name) => series.values[name]),
  }
}

/**
 * Throws unless the bars are those that the signals were made from: each touch's bar is there, with its close and, where
 * the signals know it, its SMA spread to 32 bits, as features are read (which implies that the earlier sessions are the same too).
 */
export function checkBars(table: Table, series: BarSeries, source: BarsSource): void {
  const rowOf = new Map(Array.from(series.ts, (ts, row) => [ts, row]))
  const spot = numbersOf(table, 'spot')
  const spread = numbersOf(table, 'sma_spread')
  for (const [touch, start] of timesOf(table, 'ts_ns').entries()) {
    const row = rowOf.get(start)
    const wrong =
      row === undefined
        ? 'has no bar'
        : series.values.close[row] !== spot[touch]
          ? `closes at ${series.values.close[row]} in the bars and at ${spot[touch]} in the signals`
          : Object.is(Math.fround(series.values.sma_spread[row] as number), Math.fround(spread[touch] as number))
            ? null
            : 'has another SMA spread: sessions before it are missing from the bars, or differ'
    if (wrong === null) continue
    throw new Error(
      `models: ${source.files.join(', ')}: are not the bars that the signals were made from: the touch minute ` +
        `${new Date(Number(start / 1_000_000n)).toISOString()} ${wrong}. Pass those, or make the signals again.`,
    )
  }
}
