import { join } from 'node:path'
import type { Anchor, BarSeriesName } from '@breakwater/features'
import { stringColumn, stringsOf, timesOf } from '@breakwater/features'
import { planWindows, windowMasks, windowValues, writeSequences } from '@breakwater/patchtst'
import type { BarChannels, WindowPlan } from '@breakwater/patchtst'
import type { Context } from '../context.ts'
import { trainerVersion } from '../context.ts'
import { absolute, DEFAULTS, shown } from '../paths.ts'
import type { Progress } from '../progress.ts'
import { loadSignals } from '../signals-file.ts'
import type { BarsSource, Signals } from '../signals-file.ts'
import { channelsOf, checkBars, readSeries } from './channels.ts'
import { takeLabels, touchLabels } from './labels.ts'
import type { TouchLabels } from './labels.ts'
import { KNOWN_AFTER_S, staticsOf, takeStatics } from './statics.ts'
import type { Statics, StaticsChoice } from './statics.ts'

/** What to make sequences of. */
export interface SequencesRequest {
  /** Undefined takes every session of the signals. */
  readonly dates: readonly string[] | undefined
  readonly length: number
  readonly channels: readonly BarSeriesName[]
  readonly statics: StaticsChoice
  readonly anchor: Anchor
  readonly horizons: readonly number[]
  readonly dataPath: readonly string[] | undefined
  /** Undefined takes those that the signals were made from. */
  readonly bars: BarsSource | undefined
  readonly schemaPath: string
  readonly outputDir: string
}

/** One written file. */
export interface MadeFile {
  readonly file: string
  readonly date: string
  readonly samples: number
  /** Touches without a single bar whose every channel is known. */
  readonly leftOut: number
  readonly breaks: number
  readonly bounces: number
}

/** What was made. */
export interface MadeSequences {
  readonly files: readonly MadeFile[]
  /** Sessions of which no touch has a window. */
  readonly empty: readonly string[]
  readonly length: number
  readonly channels: readonly string[]
  readonly statics: readonly string[]
  readonly anchor: Anchor
}

/** Samples cut at a time while a file is written. */
const CHUNK = 1024
const NS_PER_SECOND = 1_000_000_000n

/**
 * Writes one sequence file a session: the window of bars before each touch, its statics and labels. A window ends with the
 * last bar that was complete when the touch became known, the end of its minute.
 */
export async function makeSequences(
  context: Context,
  progress: Progress,
  request: SequencesRequest,
): Promise<MadeSequences> {
  const signals = await loadSignals(context, {
    schemaPath: request.schemaPath,
    paths: request.dataPath,
    defaultPath: DEFAULTS.signals,
    dates: request.dates,
  })
  const { dates } = signals
  const source = request.bars ?? signals.bars
  if (source === undefined) {
    throw new Error(
      `trainer: ${signals.files.join(', ')}: does not say which bars it was made from. Give them with --bars.`,
    )
  }
  const step = progress.step('sequences', dates.length + 1)
  const series = await readSeries(context, source, signals.state)
  checkBars(signals.table, series, source)
  const channels = channelsOf(series, request.channels)
  const known = timesOf(signals.table, 'ts_ns').map((start) => start + BigInt(KNOWN_AFTER_S) * NS_PER_SECOND)
  const parts: Parts = {
    signals,
    channels,
    plan: planWindows(channels, known, request.length),
    statics: staticsOf(signals.table, signals.schema, request.statics),
    labels: touchLabels(signals, request.anchor, request.horizons),
  }
  const files: MadeFile[] = []
  const empty: string[] = []
  for (const [done, date] of dates.entries()) {
    context.signal.throwIfAborted()
    step.update(done + 1, date)
    const made = await makeFile(context, request, parts, date)
    if (made === null) empty.push(date)
    else files.push(made)
  }
  step.end(`${files.reduce((sum, { samples }) => sum + samples, 0)} sequences in ${files.length} files`)
  if (files.length === 0) throw new Error(emptyMessage(empty))
  if (empty.length > 0) progress.note(`no file for ${empty.join(' ')}: no touch has a bar whose every channel is known`)
  const { length, channels: names, anchor } = request
  return { files, empty, length, channels: names, statics: parts.statics.names, anchor }
}

const emptyMessage = (dates: readonly string[]): string =>
  `trainer: --date ${dates.join(' ')}: no touch has a bar whose every channel is known: the averages need sessions before ` +
  'these. Give bars that begin earlier, or leave channels out with --channels.'

interface Parts {
  readonly signals: Signals
  readonly channels: BarChannels
  readonly plan: WindowPlan
  readonly statics: Statics
  readonly labels: TouchLabels
}

async function makeFile(
  context: Context,
  request: SequencesRequest,
  { signals, channels, plan, statics, labels: all }: Parts,
  date: string,
): Promise<MadeFile | null> {
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  const code = dictionary.indexOf(date)
  const touches = Int32Array.from(codes.keys()).filter((row) => codes[row] === code)
  const rows = touches.filter((row) => (plan.observed[row] as number) > 0)
  if (rows.length === 0) return null
  const labels = takeLabels(all, rows)
  const eventIds = stringsOf(signals.table, 'event_id')
  const tsNs = timesOf(signals.table, 'ts_ns')
  const path = join(absolute(context.cwd, request.outputDir), `sequence_dataset_${date}.npz`)
  await writeSequences(
    path,
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
      metadata: JSON.stringify(describe(request, signals, date)),
    },
    { signal: context.signal },
  )
  const count = (label: number): number => labels.yBreak.filter((value) => value === label).length
  return {
    file: shown(context.cwd, path),
    date,
    samples: rows.length,
    leftOut: touches.length - rows.length,
    breaks: count(1),
    bounces: count(0),
  }
}

function* valuesInChunks(channels: BarChannels, plan: WindowPlan, rows: Int32Array): Generator<Float32Array> {
  for (let at = 0; at < rows.length; at += CHUNK) yield windowValues(channels, plan, rows.subarray(at, at + CHUNK))
}

/** What a reader should know about the file, beside its arrays. */
function describe({ anchor, statics }: SequencesRequest, signals: Signals, date: string): Record<string, unknown> {
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
    library_version: trainerVersion(),
  }
}
