import type { DataFiles } from '@breakwater/jobs'
import type { Signals } from '../signals.ts'
import type { Trial } from '../sweep/trials.ts'
import { dataHash, signalsFiles, type SignalsPlace } from './data.ts'

/** Where the signals of a sweep's trials come from. */
export interface TrialSignals {
  readonly signalsFor: (trial: Trial) => Promise<Signals>
  /** Signals, and their files, of a hash that was given out before. */
  readonly signalsOf: (hash: string) => Promise<Signals>
  readonly filesOf: (hash: string) => Promise<DataFiles>
}

/** Reads the signals of trials when they are needed, and keeps the last ones: those of all trials would not fit into memory. */
export function trialSignals(
  read: (trial: Trial) => Promise<Signals>,
  placeOf: (signals: Signals) => SignalsPlace,
): TrialSignals {
  const trials = new Map<string, Trial>()
  let last: { readonly key: string; readonly signals: Promise<Signals> } | undefined
  const signalsFor = async (trial: Trial): Promise<Signals> => {
    const key = JSON.stringify(trial.signals)
    if (last?.key !== key) last = { key, signals: read(trial) }
    const signals = await last.signals
    trials.set(dataHash(signals), trial)
    return signals
  }
  const signalsOf = (hash: string): Promise<Signals> => {
    const trial = trials.get(hash)
    if (trial === undefined) throw new Error(`models: data ${hash}: no trial has such signals.`)
    return signalsFor(trial)
  }
  return {
    signalsFor,
    signalsOf,
    filesOf: async (hash) => {
      const signals = await signalsOf(hash)
      return signalsFiles(signals, placeOf(signals))
    },
  }
}
