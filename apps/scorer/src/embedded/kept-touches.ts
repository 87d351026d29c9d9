import type { IndexGrower } from '@breakwater/models'
import {
  createTouchFile,
  type GrowthBase,
  readTouches,
  type TouchFile,
  type TouchFileCounts,
} from '@breakwater/models/node'

/** What touches are kept by. */
export interface KeptOptions {
  /** The file; null for none. */
  readonly touchesFile: string | null
  /** What it held when the run began. */
  readonly touches: string
  readonly onTrouble: (message: string) => void
}

/** The touches that a scorer's indexes grow by, over its restarts. */
export interface KeptTouches extends Pick<TouchFile, 'rebase' | 'settle' | 'write'> {
  readonly counts: TouchFileCounts | null
  /** Gives a grower that has learned the history what was kept, and keeps from then on what it changes. */
  readonly begin: (grower: IndexGrower) => void
}

/** Keeps touches for a base; without one, which is without an index, none. */
export function keepTouches({ touchesFile, touches, onTrouble }: KeptOptions, base: GrowthBase | null): KeptTouches {
  let file: TouchFile | null = null
  return {
    get counts() {
      return file?.counts ?? null
    },
    write: (events) => file?.write(events),
    rebase: (next) => file?.rebase(next),
    settle: () => file?.settle() ?? Promise.resolve(),
    begin(grower) {
      const read = base === null ? null : readTouches(touches, base, touchesFile ?? 'kept touches')
      if (read?.fault != null) onTrouble(read.fault)
      if (touchesFile !== null) {
        const canGrow = read?.canGrow ?? false
        file = createTouchFile({ path: touchesFile, base, canGrow, state: () => grower.state, onTrouble })
      }
      if (read !== null) grower.restore(read.state)
    },
  }
}
