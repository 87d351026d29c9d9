import { existsSync } from 'node:fs'
import { DEFAULT_HORIZONS, resolveSettings, type SignalSettings, STAGES } from '@breakwater/features'
import { loadMetadata } from '@breakwater/trees/node'
import { horizonsOfDetails, settingsOfDetails } from '../set/details.ts'
import { metadataPath, type ModelPlace } from './files.ts'

/** Where models are, and the settings of the signals that are fixed there. */
export interface ServedPlace {
  readonly place: ModelPlace
  readonly signals?: Partial<SignalSettings> | undefined
}

/**
 * The settings of the signals that a place's models are about: those of the request, then those that the stages' models record, then the
 * documented ones. Reads metadata alone. Throws where two of them differ.
 */
export async function servedSignals({ place, signals: fixed = {} }: ServedPlace): Promise<SignalSettings> {
  let known: Readonly<Record<string, unknown>> = { ...fixed }
  let [source, verb] = ['this scorer', 'is set up for']
  for (const stage of STAGES) {
    const path = metadataPath(place, stage)
    if (!existsSync(path)) continue
    const trained = settingsOfDetails((await loadMetadata(place.modelDir, stage, place.ablation)).metadata.details)
    for (const [name, value] of Object.entries(known)) {
      if (!(name in trained) || JSON.stringify(trained[name]) === JSON.stringify(value)) continue
      throw new Error(
        `models: ${path}: was trained for ${told(name, trained[name])}, and ${source} ${verb} ${told(name, value)}. Leave the setting to the models, or train for it.`,
      )
    }
    known = { ...known, ...trained }
    ;[source, verb] = [path, 'was trained for']
  }
  return resolveSettings(known)
}

function told(name: string, value: unknown): string {
  if (name !== 'thresholds' || !Array.isArray(value)) return `${name}=${JSON.stringify(value)}`
  return `thresholds of ${value.map((dollars) => `$${String(dollars)}`).join(' and ')}`
}

/** The horizons in seconds of the reach heads that a place's models of either stage were trained for, rising; the documented ones where none says. */
export async function servedHorizons({ place }: Pick<ServedPlace, 'place'>): Promise<readonly number[]> {
  const known = new Set<number>()
  for (const stage of STAGES) {
    if (!existsSync(metadataPath(place, stage))) continue
    const { metadata } = await loadMetadata(place.modelDir, stage, place.ablation)
    for (const seconds of horizonsOfDetails(metadata.details)) known.add(seconds)
  }
  return known.size === 0 ? DEFAULT_HORIZONS : [...known].toSorted((a, b) => a - b)
}
