import { join } from 'node:path'
import { type Anchor, type BarSeries, type BarSeriesName, stringColumn, stringsOf, timesOf } from '@breakwater/features'
import {
  type BarChannels,
  planWindows,
  windowMasks,
  type WindowPlan,
  windowValues,
  writeSequences,
} from '@breakwater/patchtst'
import type { Signals } from '../signals.ts'
import { channelsOf } from './bars.ts'
import { takeLabels, type TouchLabels, touchLabels } from './labels.ts'
import { KNOWN_AFTER_S, type Statics, type StaticsChoice, staticsOf, takeStatics } from './statics.ts'

/** What goes into sequences. */
export interface SequenceOptions {
  /** Bars of a window. */
  readonly length: number
  readonly channels: readonly BarSeriesName[]
  readonly statics: StaticsChoice
  /** Of the labels. */
  readonly anchor: Anchor
  /** Of the reach labels, seconds. */
  readonly horizons: readonly number[]
}

/** The windows of bars before every touch of signals, with statics and labels, ready to be written a session at a time. */
export interface TouchSequences {
  readonly signals: Signals
  readonly options: SequenceOptions
  readonly channels: BarChannels
  readonly plan: WindowPlan
  readonly statics: Statics
  readonly labels: TouchLabels
}

/** Samples cut at a time while a file is written. */
const CHUNK = 1024
const NS_PER_SECOND = 1_000_000_000n

/**
 * Plans the window of bars before each touch: it ends with the last bar that was complete when the touch became known, the end
 * of its minute. `series` are the bars that the signals were made from, see `checkBars`.
 */
export function touchSequences(signals: Signals, series: BarSeries, options: SequenceOptions): TouchSequences {
  const channels = channelsOf(series, options.channels)
  const known = timesOf(signals.table, 'ts_ns').map((start) => start + BigInt(KNOWN_AFTER_S) * NS_PER_SECOND)
  return {
    signals,
    options,
    channels,
    plan: planWindows(channels, known, options.length),
    statics: staticsOf(signals.table, signals.schema, options.statics),
    labels: touchLabels(signals, options.anchor, options.horizons),
  }
}

/** One written session. */
export interface SequenceReport {
  readonly file: string
  readonly date: string
  readonly samples: number
  /** Touches without a single bar on which every channel is known. */
  readonly leftOut: number
  readonly breaks: number
  readonly bounces: number
}

/** Where a session goes, and what its file records about its writer. */
export interface SessionFile {
  readonly folder: string
  readonly date: string
  readonly libraryVersion: string
  readonly signal?: AbortSignal
}

/** Writes the sequences of one session as `sequence_dataset_{date}.npz`; null, and no file, where no touch has a window. */
export async function writeSession(
  { signals, options, channels, plan, statics, labels: all }: TouchSequences,
  { folder, date, libraryVersion, signal }: SessionFile,
): Promise<SequenceReport | null> {
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  const code = dictionary.indexOf(date)
  const touches = Int32Array.from(codes.keys()).filter((row) => codes[row] === code)
  const rows = touches.filter((row) => (plan.observed[row] as number) > 0)
  if (rows.length === 0) return null
  const labels = takeLabels(all, rows)
  const eventIds = stringsOf(signals.table, 'event_id')
  const tsNs = timesOf(signals.table, 'ts_ns')
  const file = join(folder, `sequence_dataset_${date}.npz`)
  await writeSequences(
    file,
    {
      samples: rows.length,
      length: plan.length,
      channelNames: channels.names,
      x: valuesInChunks(channels, plan, rows),
      mask: windowMasks(channels, plan, rows),
      staticNames: statics.names,
      statics: takeStatics(statics, rows),
      ...labels,
      eventIds: Array.from(rows, (row) => eventIds[row] as string),
      tsNs: BigInt64Array.from(rows, (row) => tsNs[row] as bigint),
      metadata: JSON.stringify(describe(options, signals, { date, libraryVersion })),
    },
    signal === undefined ? {} : { signal },
  )
  const count = (label: number): number => labels.yBreak.filter((value) => value === label).length
  const { length: samples } = rows
  return { file, date, samples, leftOut: touches.length - samples, breaks: count(1), bounces: count(0) }
}

function* valuesInChunks(channels: BarChannels, plan: WindowPlan, rows: Int32Array): Generator<Float32Array> {
  for (let at = 0; at < rows.length; at += CHUNK) yield windowValues(channels, plan, rows.subarray(at, at + CHUNK))
}

/** What a reader should know about the file, beside its arrays. */
function describe(
  { anchor, statics }: SequenceOptions,
  signals: Signals,
  { date, libraryVersion }: Pick<SessionFile, 'date' | 'libraryVersion'>,
): Record<string, unknown> {
  return {
    format: 'breakwater-sequences',
    version: 1,
    date,
    symbol: signals.symbol,
    anchor,
    known_after_s: KNOWN_AFTER_S,
    thresholds: signals.thresholds,
    window_s: signals.lookforwardSeconds,
    statics,
    schema_version: signals.schema.version,
    signals_hash: signals.hash,
    library_version: libraryVersion,
  }
}
