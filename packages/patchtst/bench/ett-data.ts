import { readFileSync } from 'node:fs'
import type { SeriesWindows } from '@breakwater/patchtst'

/** The three parts of an ETT series, as the paper cuts them. */
export interface EttSplit {
  readonly train: SeriesWindows
  readonly validation: SeriesWindows
  readonly test: SeriesWindows
}

/** Rows an hour. */
const ROWS = { ETTh1: 1, ETTm1: 4 } as const
const MONTH = 30 * 24

/** Names of the sets. */
export type EttName = keyof typeof ROWS

/**
 * ETTh1 or ETTm1 for forecasts: 12, 4 and 4 months of 30 days for training, validation and test; every channel in standard
 * scores of the training months; all windows whose horizon lies in its part, which may look back into the part before.
 */
export function readEtt(name: EttName, path: string, length: number, horizon: number): EttSplit {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  const channelNames = header.trim().split(',').slice(1)
  const channels = channelNames.length
  const month = MONTH * ROWS[name]
  const rows = 20 * month
  const values = new Float64Array(rows * channels)
  for (const [row, line] of lines.slice(0, rows).entries()) {
    for (const [channel, text] of line.trim().split(',').slice(1).entries())
      values[row * channels + channel] = Number(text)
  }
  const series = standardised(values, channels, 12 * month)
  const part = (source: string, from: number, to: number): SeriesWindows => ({
    source: `${name} ${source}`,
    samples: to - from - length - horizon + 1,
    length,
    channels,
    channelNames,
    series,
    from,
    horizon,
  })
  return {
    train: part('train', 0, 12 * month),
    validation: part('validation', 12 * month - length, 16 * month),
    test: part('test', 16 * month - length, 20 * month),
  }
}

function standardised(values: Float64Array, channels: number, rows: number): Float32Array {
  const scores = new Float32Array(values.length)
  for (let channel = 0; channel < channels; channel++) {
    const column = (row: number): number => values[row * channels + channel] ?? 0
    let mean = 0
    for (let row = 0; row < rows; row++) mean += column(row) / rows
    let variance = 0
    for (let row = 0; row < rows; row++) variance += (column(row) - mean) ** 2 / rows
    const deviation = Math.sqrt(variance)
    for (let at = channel; at < values.length; at += channels) scores[at] = ((values[at] ?? 0) - mean) / deviation
  }
  return scores
}

/** Mean squared and mean absolute error of forecasts (samples x horizon x channels) over all windows. */
export function forecastErrors(
  forecast: Float32Array,
  { series, samples, length, horizon, channels, from }: SeriesWindows,
): { mse: number; mae: number } {
  let [squares, sizes] = [0, 0]
  for (let sample = 0; sample < samples; sample++) {
    const start = (from + sample + length) * channels
    for (let i = 0; i < horizon * channels; i++) {
      const error = (forecast[sample * horizon * channels + i] ?? Number.NaN) - (series[start + i] ?? 0)
      squares += error * error
      sizes += Math.abs(error)
    }
  }
  const count = samples * horizon * channels
  return { mse: squares / count, mae: sizes / count }
}
