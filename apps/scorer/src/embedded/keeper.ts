import type { ScoreCounts } from '@breakwater/models'
import { fingerprint, type LoadedModels, loadModels, type LoadRequest } from '@breakwater/models/node'
import type { ViewportHeader } from '@breakwater/viewport/payload'
import type { ReloadResult } from './scorer.ts'
import type { ReloadCounts } from './status.ts'

/** Keeps the models that serve, and replaces them by newer ones that pass every check. */
export interface ModelKeeper {
  readonly loaded: LoadedModels
  readonly header: ViewportHeader
  /** When they were swapped in, milliseconds since 1970. */
  readonly loadedAt: number
  readonly reloads: ReloadCounts
  readonly reload: () => Promise<ReloadResult>
}

/** What a keeper needs. */
export interface KeeperInput {
  readonly request: LoadRequest
  readonly counts: ScoreCounts
  readonly clock: () => number
  readonly utility: ViewportHeader['utility']
  /** Puts new models in place; called between ticks, since it runs to its end by itself. */
  readonly replace: (next: LoadedModels) => void
}

/** A keeper of models that were loaded just now. */
export function keepModels(
  first: LoadedModels,
  { request, counts, clock, utility, replace }: KeeperInput,
): ModelKeeper {
  let loaded = first
  let loadedAt = clock()
  let reloads: ReloadCounts = { swapped: 0, refused: 0, lastRefusal: null }
  let running: Promise<ReloadResult> | null = null
  const swap = async (): Promise<ReloadResult> => {
    try {
      if ((await fingerprint(request.place)) === loaded.fingerprint) return { status: 'unchanged' }
      const next = await loadModels(request, counts)
      replace(next)
      loaded = next
      loadedAt = clock()
      reloads = { ...reloads, swapped: reloads.swapped + 1, lastRefusal: null }
      return { status: 'swapped' }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      reloads = { ...reloads, refused: reloads.refused + 1, lastRefusal: reason }
      return { status: 'refused', reason }
    }
  }
  return {
    get loaded() {
      return loaded
    },
    get header() {
      const { stage_a: a, stage_b: b } = loaded.reports
      const models = { stage_a: a?.metadataSha256 ?? null, stage_b: b?.metadataSha256 ?? null }
      return { timeframe: request.place.timeframe, models, utility }
    },
    get loadedAt() {
      return loadedAt
    },
    get reloads() {
      return reloads
    },
    reload: () => {
      running ??= swap().finally(() => {
        running = null
      })
      return running
    },
  }
}
