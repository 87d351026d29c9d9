import type { HeadTarget } from '@breakwater/features'
import { deriveHeads } from '@breakwater/features'
import type { Context } from '../context.ts'
import { DEFAULTS, shown } from '../paths.ts'
import { loadSignals } from '../signals-file.ts'
import type { Signals, SignalsRequest } from '../signals-file.ts'
import type { TrainedSet } from './sets.ts'

/** Where a command finds the signals of a trained set; `dataPath` undefined is where they were in training. */
export interface SetSource {
  readonly schemaPath: string
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
  if (signals.hash === details.data.hash) return signals
  throw new Error(
    `trainer: the signals in ${signals.files.join(', ')} are not those that ${shown(context.cwd, metadataFile)} was trained on ` +
      `(hash ${signals.hash.slice(0, 12)}, not ${details.data.hash.slice(0, 12)}). Give those with --data-path, or train again.`,
  )
}

/** The targets of a trained set's heads on signals. */
export function targetsOf({ details }: TrainedSet, signals: Signals): HeadTarget[] {
  return deriveHeads(signals.table, {
    thresholds: signals.thresholds,
    windowSeconds: signals.lookforwardSeconds,
    anchors: details.options.anchors,
    horizons: details.options.horizons,
  })
}
