import type { HeadTarget, Schema, SignalSettings, Table } from '@breakwater/features'
import { BAR_RULE_NAMES, deriveHeads, resolveSettings, SIGNAL_DEFAULTS, stringColumn } from '@breakwater/features'
import type { BarRuleName } from '@breakwater/features'
import type { BarColumns, ReadBarsOptions } from '@breakwater/features/parquet'
import { z } from 'zod'
import type { TrainingDetails } from './set/details.ts'

/** Key of the footer metadata under which the settings of the signals are kept, as JSON. */
export const SETTINGS_KEY = 'breakwater.settings'

/** Key of the footer metadata under which the bars of the signals are named, as JSON; files may differ in it. */
export const BARS_KEY = 'bars.source'

/** How bars are read, as `readBars` of the features package says. */
export interface BarsReading {
  /** Zone of stamps that carry none. */
  readonly timezone?: string | undefined
  readonly repair: boolean
  readonly adjust?: boolean | undefined
  readonly stamps?: 'start' | 'end' | undefined
  readonly priceUnit?: 'dollars' | 'cents' | undefined
  readonly accept?: readonly BarRuleName[] | undefined
  readonly columns?: Partial<BarColumns> | undefined
}

/** Where bars are, and how to read them. */
export interface BarsSource extends BarsReading {
  /** Files, folders or globs, relative to the working folder of the program that wrote them. */
  readonly files: readonly string[]
  /** Bars that each repair touched when the signals were made; absent where none did. */
  readonly repairs?: Readonly<Record<string, number>> | undefined
}

/** The options of `readBars` for bars that are read in a certain way. */
export function readOptionsOf({
  timezone,
  repair,
  adjust,
  stamps,
  priceUnit,
  accept,
  columns,
}: BarsReading): ReadBarsOptions {
  return {
    repair,
    ...(timezone === undefined ? {} : { timezone }),
    ...(adjust === undefined ? {} : { adjust }),
    ...(stamps === undefined ? {} : { stamps }),
    ...(priceUnit === undefined ? {} : { priceUnit }),
    ...(accept === undefined ? {} : { accept }),
    ...(columns === undefined ? {} : { columns }),
  }
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
  /** Files read, as their reader calls them. */
  readonly files: readonly string[]
  /** Sessions of the rows, in order. */
  readonly dates: readonly string[]
  /** What `_1` and `_2` mean, in dollars from the level. */
  readonly thresholds: readonly [number, number]
  /** Length of the label window in seconds. */
  readonly lookforwardSeconds: number
  readonly symbol: string
  /** The bars that they were made from, where the files record it. */
  readonly bars?: BarsSource
  /** As they were made with, where the files record it. */
  readonly state?: StateSettings
  /** All settings that they were made with, where the files record them. */
  readonly settings?: SignalSettings
}

const recorded = z.object({
  thresholds: z.tuple([z.number().positive(), z.number().positive()]),
  lookforward: z.number().positive(),
})
const SECONDS_PER_MINUTE = 60

const recordedBars = z.object({
  files: z.array(z.string()).min(1),
  timezone: z.string().optional(),
  repair: z.boolean(),
  adjust: z.boolean().optional(),
  stamps: z.enum(['start', 'end']).optional(),
  priceUnit: z.enum(['dollars', 'cents']).optional(),
  accept: z.array(z.enum(BAR_RULE_NAMES)).optional(),
  columns: z
    .record(z.string(), z.string().nullable())
    .transform((columns) => columns as Partial<BarColumns>)
    .optional(),
  repairs: z.record(z.string(), z.number()).optional(),
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

/**
 * What the footer of a signals file records about how the signals were made: the settings of the labels (those of the documented
 * constants where it records none), and the bars and the settings of the state where it records them. Throws on values that
 * are no settings.
 */
function recordedSettings(
  metadata: Readonly<Record<string, string>>,
): Pick<Signals, 'thresholds' | 'lookforwardSeconds' | 'bars' | 'state' | 'settings'> {
  const [bars, settings] = [metadata[BARS_KEY], metadata[SETTINGS_KEY]]
  const { thresholds, lookforward } = settings === undefined ? SIGNAL_DEFAULTS : recorded.parse(JSON.parse(settings))
  return {
    thresholds,
    lookforwardSeconds: lookforward * SECONDS_PER_MINUTE,
    ...(bars === undefined ? {} : { bars: recordedBars.parse(JSON.parse(bars)) }),
    ...(settings === undefined
      ? {}
      : {
          state: recordedState.parse(JSON.parse(settings)),
          settings: resolveSettings(JSON.parse(settings) as Partial<SignalSettings>),
        }),
  }
}

/** A table of signals, and what is known of where it came from. */
export interface SignalsSource {
  readonly schema: Schema
  readonly table: Table
  /** Content hash of the rows; any value that identifies them. */
  readonly hash: string
  readonly files: readonly string[]
  /** Footer of the files, see {@link recordedSettings}. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Signals of a table, with its sessions and settings read from it and from its metadata. */
export function describeSignals({ schema, table, hash, files, metadata }: SignalsSource): Signals {
  const { codes, dictionary } = stringColumn(table, 'date')
  const used = new Set(codes)
  return {
    schema,
    table,
    hash,
    files,
    dates: dictionary.filter((_, code) => used.has(code)).toSorted(),
    symbol: stringColumn(table, 'symbol').dictionary.join(', '),
    ...recordedSettings(metadata),
  }
}

/** Throws unless the signals are those that a set was trained on, by their hash; `source` names the set in the error. */
export function checkSignals({ data }: Pick<TrainingDetails, 'data'>, signals: Signals, source: string): void {
  if (signals.hash === data.hash) return
  throw new Error(
    `models: the signals in ${signals.files.join(', ')} are not those that ${source} was trained on ` +
      `(hash ${signals.hash.slice(0, 12)}, not ${data.hash.slice(0, 12)}). Pass those, or train again.`,
  )
}

/** The targets of a trained set's heads on signals. */
export function targetsOf({ options }: Pick<TrainingDetails, 'options'>, signals: Signals): HeadTarget[] {
  return deriveHeads(signals.table, {
    thresholds: signals.thresholds,
    windowSeconds: signals.lookforwardSeconds,
    anchors: options.anchors,
    horizons: options.horizons,
  })
}
