import type { Schema, SignalSettings, Table } from '@breakwater/features'
import { SIGNAL_DEFAULTS, stringColumn } from '@breakwater/features'
import { loadSchema, readSignals } from '@breakwater/features/parquet'
import { z } from 'zod'
import type { Context } from './context.ts'
import { absolute, existing, shown } from './paths.ts'

/** Key of the footer metadata under which the settings of the signals are kept, as JSON. */
export const SETTINGS_KEY = 'breakwater.settings'

/** Key of the footer metadata under which the bars of the signals are named, as JSON; files may differ in it. */
export const BARS_KEY = 'bars.source'

/** Where bars are, and how to read them. */
export interface BarsSource {
  /** Files, folders or globs, from the working folder. */
  readonly files: readonly string[]
  /** Zone of stamps that carry none. */
  readonly timezone?: string | undefined
  readonly repair: boolean
}

/** Settings of the signals that decide the state of the market at the end of a bar. */
export type StateSettings = Pick<
  SignalSettings,
  'atrBars' | 'slopeMinutes' | 'shortSlopeBars' | 'volatilityMinutes' | 'reversionMinutes' | 'warmupSessions'
>

/** Signals read from files, with what identifies them. */
export interface Signals {
  readonly schema: Schema
  readonly table: Table
  /** Content hash of the rows read. */
  readonly hash: string
  /** Files read, as a person in the working folder would write them. */
  readonly files: readonly string[]
  /** Sessions of the rows, in order. */
  readonly dates: readonly string[]
  /** What `_1` and `_2` mean, in dollars from the level. */
  readonly thresholds: readonly [number, number]
  /** Length of the label window in seconds. */
  readonly lookforwardSeconds: number
  readonly symbol: string
  /** The bars that they were made from, where the files say so. */
  readonly bars?: BarsSource
  /** As they were made with, where the files say so. */
  readonly state?: StateSettings
}

/** Which signals to read; `paths` undefined is the default signals file. */
export interface SignalsRequest {
  readonly schemaPath: string
  readonly paths: readonly string[] | undefined
  readonly defaultPath: string
  /** Only these sessions; undefined reads all. */
  readonly dates?: readonly string[] | undefined
}

/** Reads the schema and the signals it describes. */
export async function loadSignals(context: Context, request: SignalsRequest): Promise<Signals> {
  const { cwd } = context
  const schemaFile = existing(
    cwd,
    request.schemaPath,
    `missing features.json: ${request.schemaPath} does not exist. Give its place with --schema.`,
  )
  const schema = await loadSchema(schemaFile)
  const paths = (request.paths ?? [request.defaultPath]).map((path) => absolute(cwd, path))
  const read = await readSignals({ paths, schema, ...(request.dates === undefined ? {} : { dates: request.dates }) })
  const files = read.files.map((file) => shown(cwd, file))
  const { codes, dictionary } = stringColumn(read.table, 'date')
  const used = new Set(codes)
  const dates = dictionary.filter((_, code) => used.has(code)).toSorted()
  const symbol = stringColumn(read.table, 'symbol').dictionary.join(', ')
  const { thresholds, lookforwardSeconds } = settingsOf(read.metadata)
  const { table, hash } = read
  return { schema, table, hash, files, dates, thresholds, lookforwardSeconds, symbol, ...madeFrom(read.metadata) }
}

const recorded = z.object({
  thresholds: z.tuple([z.number().positive(), z.number().positive()]),
  lookforward: z.number().positive(),
})
const SECONDS_PER_MINUTE = 60

/** The label settings in the file's footer; those of the documented constants where it records none. */
function settingsOf(metadata: Readonly<Record<string, string>>): Pick<Signals, 'thresholds' | 'lookforwardSeconds'> {
  const text = metadata[SETTINGS_KEY]
  const { thresholds, lookforward } = text === undefined ? SIGNAL_DEFAULTS : recorded.parse(JSON.parse(text))
  return { thresholds, lookforwardSeconds: lookforward * SECONDS_PER_MINUTE }
}

const recordedBars = z.object({
  files: z.array(z.string()).min(1),
  timezone: z.string().optional(),
  repair: z.boolean(),
})

const setting = (name: keyof StateSettings): z.ZodDefault<z.ZodNumber> => z.number().default(SIGNAL_DEFAULTS[name])
const recordedState = z.object({
  atrBars: setting('atrBars'),
  slopeMinutes: setting('slopeMinutes'),
  shortSlopeBars: setting('shortSlopeBars'),
  volatilityMinutes: setting('volatilityMinutes'),
  reversionMinutes: setting('reversionMinutes'),
  warmupSessions: setting('warmupSessions'),
})

function madeFrom(metadata: Readonly<Record<string, string>>): Pick<Signals, 'bars' | 'state'> {
  const [bars, settings] = [metadata[BARS_KEY], metadata[SETTINGS_KEY]]
  return {
    ...(bars === undefined ? {} : { bars: recordedBars.parse(JSON.parse(bars)) }),
    ...(settings === undefined ? {} : { state: recordedState.parse(JSON.parse(settings)) }),
  }
}
