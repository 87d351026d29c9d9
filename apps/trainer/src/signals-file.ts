import { existsSync } from 'node:fs'
import { SHIPPED_SCHEMA } from '@breakwater/features/parquet'
import type { Bars } from '@breakwater/features'
import { checkSignals, type Signals } from '@breakwater/models'
import { loadSignals as load, readLawBars, type TrainedSet } from '@breakwater/models/node'
import type { DataPlace } from '@breakwater/models/jobs'
import type { Context } from './context.ts'
import { absolute, DEFAULTS, existing, shown } from './paths.ts'

/** Which signals to read; `paths` undefined is the default signals file. */
export interface SignalsRequest {
  /** Undefined is {@link DEFAULTS}.schema where it exists, else the schema that ships with features. */
  readonly schemaPath: string | undefined
  readonly paths: readonly string[] | undefined
  readonly defaultPath: string
  /** Only these sessions; undefined reads all. */
  readonly dates?: readonly string[] | undefined
}

/** Reads the schema and the signals it describes. Files are named as a person in the working folder would write them. */
export function loadSignals({ cwd }: Context, request: SignalsRequest): Promise<Signals> {
  const { schemaPath, paths = [request.defaultPath], dates } = request
  return load({
    schemaFile: schemaFile(cwd, schemaPath),
    paths: paths.map((path) => absolute(cwd, path)),
    dates,
    nameOf: (file) => shown(cwd, file),
  })
}

/** Where signals that were read lie, for those who read them again. */
export function placeOf(
  { cwd }: Pick<Context, 'cwd'>,
  { schemaPath, dates }: Pick<SignalsRequest, 'schemaPath' | 'dates'>,
  signals: Signals,
): DataPlace {
  return { schemaFile: schemaFile(cwd, schemaPath), paths: signals.files.map((file) => absolute(cwd, file)), dates }
}

/** The schema file of a command. */
export function schemaFile(cwd: string, named: string | undefined): string {
  if (named === undefined) {
    const local = absolute(cwd, DEFAULTS.schema)
    return existsSync(local) ? local : SHIPPED_SCHEMA
  }
  return existing(cwd, named, `missing features.json: ${named} does not exist. Pass its path with --schema.`)
}

/** Where a command finds the signals of a trained set; `dataPath` undefined is where they were in training. */
export interface SetSource {
  readonly schemaPath: string | undefined
  readonly dataPath: readonly string[] | undefined
}

/** The files to read for a trained set. */
export function sourceOf(request: SetSource, { details }: TrainedSet): Omit<SignalsRequest, 'dates'> {
  return {
    schemaPath: request.schemaPath,
    paths: request.dataPath ?? details.data.files,
    defaultPath: DEFAULTS.signals,
  }
}

/** The signals that the set was trained on, checked by their hash. */
export async function signalsOf(context: Context, request: SetSource, trained: TrainedSet): Promise<Signals> {
  const { details, metadataFile } = trained
  const signals = await loadSignals(context, { ...sourceOf(request, trained), dates: details.data.dates })
  checkSignals(details, signals, shown(context.cwd, metadataFile))
  return signals
}

/**
 * Bars for a law's forecast of volatility: the named files, read as the signals' bars were, by default the bars that the signals name
 * where these are there; `none` is none.
 */
export async function barsOf(
  { cwd, signal }: Context,
  signals: Signals,
  named?: readonly string[],
): Promise<Bars | undefined> {
  if (named?.[0] === 'none') return undefined
  const reading = signals.bars ?? { repair: false }
  return readLawBars(signals, {
    source: named === undefined ? undefined : { ...reading, files: named },
    pathOf: (file) => absolute(cwd, file),
    signal,
  })
}
