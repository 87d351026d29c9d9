import type { DataFiles } from '@breakwater/jobs'
import type { Signals } from '../signals.ts'
import type { Trial } from '../sweep/trials.ts'
import { dataFiles, dataHash, type DataPlace, type JobData } from './data.ts'

/** Where the signals of a sweep's trials come from. */
export interface TrialSignals {
  readonly signalsFor: (trial: Trial) => Promise<Signals>
  /** Data, and its files, of a hash that was given out before. */
  readonly dataOf: (hash: string) => Promise<JobData>
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

/** Reads the signals of trials when they are needed, and keeps the last ones: those of all trials would not fit into memory. */
export function trialSignals(
  read: (trial: Trial) => Promise<Signals>,
  placeOf: (signals: Signals) => DataPlace,
): TrialSignals {
  const trials = new Map<string, Trial>()
  let last: { readonly key: string; readonly signals: Promise<Signals> } | undefined
  const signalsFor = async (trial: Trial): Promise<Signals> => {
    const key = JSON.stringify(trial.signals)
    if (last?.key !== key) last = { key, signals: read(trial) }
    const signals = await last.signals
    trials.set(dataHash({ signals }), trial)
    return signals
  }
  const dataOf = async (hash: string): Promise<JobData> => {
    const trial = trials.get(hash)
    if (trial === undefined) throw new Error(`models: data ${hash}: no trial has such signals.`)
    return { signals: await signalsFor(trial) }
  }
  return {
    signalsFor,
    dataOf,
    filesOf: async (hash) => {
      const data = await dataOf(hash)
      return dataFiles(data, placeOf(data.signals))
    },
  }
}
