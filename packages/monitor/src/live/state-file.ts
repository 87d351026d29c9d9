import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { GainState } from '../challenger/gain.ts'
import type { FeatureState } from './feature-watch.ts'
import type { MonitorState } from '../monitor.ts'

/** What a process keeps of its watch, to go on from. */
export interface WatchFile {
  readonly version: 1
  readonly monitor: MonitorState
  /** Drift against the models that served; absent in files of older versions, null where they had no baseline. */
  readonly features?: FeatureState | null
  /** The challenger and what it has gained; null without one. */
  readonly challenger: {
    /** SHA-256 of the metadata of its stages A and B, and of the champion's. */
    readonly models: string
    readonly champion: string
    readonly gain: GainState
  } | null
}

/** The state in a file; null where there is no file. Throws where it holds something else. */
export async function readWatchState(path: string): Promise<WatchFile | null> {
  if (!existsSync(path)) return null
  const state: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (typeof state === 'object' && state !== null && 'version' in state && state.version === 1 && 'monitor' in state) {
    return state as WatchFile
  }
  throw new Error(`monitor: ${path}: has no state of a monitor. Name another file, or delete it.`)
}
