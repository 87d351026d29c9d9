import {
  type Anchor,
  ANCHOR_SECONDS,
  type LiveFeatures,
  type RowValues,
  type SignalSettings,
  signOf,
} from '@breakwater/features'
import type { GrowingNeighbours } from './neighbours.ts'
import type { ResolvedTouch } from './resolved-touches.ts'

/** Adds touches to the indexes when their outcomes have become known. */
export interface IndexGrower {
  readonly counts: GrowthCounts
  /** Takes a touch at its confirmation, and keeps its row. */
  readonly confirm: (row: RowValues) => void
  /** Looks for outcomes once everything until `tsNs` has come; a time before an earlier one takes back what was known since. */
  readonly learn: (tsNs: bigint) => void
  /** Serves other indexes from now on, which get what the others had. */
  readonly serve: (indexes: readonly GrowingNeighbours[]) => void
}

/** How an index has grown since the scorer was made. */
export interface GrowthCounts {
  /** Touches that wait for their outcome. */
  readonly waiting: number
  /** Touches whose outcome is known, as far as they are kept. */
  readonly resolved: number
  /** Touches whose outcome never became known: bars are absent. */
  readonly lost: number
  /** Touches that an index could not take, such as one with an infinite feature, by index; and why the last one was not. */
  readonly refused: number
  readonly lastRefusal: string | null
}

/** What a grower works with. */
export interface GrowerInput {
  readonly rows: Pick<LiveFeatures, 'outcome' | 'version'>
  readonly signals: Pick<SignalSettings, 'lookforward'>
  readonly timeframe: Anchor
  readonly indexes: readonly GrowingNeighbours[]
}

const MINUTE_NS = 60_000_000_000n
const SECOND_NS = 1_000_000_000n
/** Touches that are kept at most, so that other indexes can be given them: months of a few levels. */
const MOST = 2048
/** After this an outcome is not waited for any more. */
const PATIENCE_NS = 60n * MINUTE_NS

interface Waiting {
  readonly row: RowValues
  readonly tsNs: bigint
  readonly confirmNs: bigint
  /** End of the label window: the outcome is not known before. */
  readonly resolvedNs: bigint
}

interface Resolved extends ResolvedTouch {
  readonly resolvedNs: bigint
}

/**
 * A grower before its first touch. A touch is added when its label window is over and the bars of it have come, never before, once for each
 * event; in order of the end of its window, then of its id. Memory: about 3 kB a touch, of {@link MOST} at most.
 */
export function createIndexGrower({ rows, signals, timeframe, ...first }: GrowerInput): IndexGrower {
  const anchorNs = BigInt(ANCHOR_SECONDS[timeframe]) * SECOND_NS
  const windowNs = BigInt(signals.lookforward) * MINUTE_NS
  let { indexes } = first
  let waiting = new Map<string, Waiting>()
  let resolved: Resolved[] = []
  let [lost, version, last] = [0, -1, 0n]
  let refused = 0
  let lastRefusal: string | null = null
  const giveTo = (index: GrowingNeighbours, touches: readonly Resolved[]): boolean => {
    try {
      index.add(touches)
      return true
    } catch (error) {
      lastRefusal = error instanceof Error ? error.message : String(error)
      return false
    }
  }
  const give = (touches: readonly Resolved[]): void => {
    for (const index of indexes) {
      // What cannot be taken together is taken one by one: the others are not to be lost.
      if (!giveTo(index, touches)) for (const touch of touches) if (!giveTo(index, [touch])) refused += 1
    }
  }
  const rebuild = (): void => {
    for (const index of indexes) index.clear()
    give(resolved)
  }
  const rewind = (tsNs: bigint): void => {
    waiting = new Map([...waiting].filter(([, { confirmNs }]) => confirmNs <= tsNs))
    const known = resolved.filter(({ resolvedNs }) => resolvedNs <= tsNs)
    if (known.length === resolved.length) return
    resolved = known
    rebuild()
  }
  const collect = (tsNs: bigint): Resolved[] => {
    const found: Resolved[] = []
    for (const [id, { row, tsNs: touchNs, resolvedNs }] of waiting) {
      if (resolvedNs > tsNs) continue
      const outcome = rows.outcome({ tsNs: touchNs, price: row['level_price'] as number, sign: signAt(row) }, timeframe)
      if (outcome === null && tsNs - resolvedNs <= PATIENCE_NS) continue
      waiting.delete(id)
      if (outcome === null) lost += 1
      else found.push({ row, outcome, resolvedNs })
    }
    return found.toSorted(inOrder)
  }
  return {
    get counts() {
      return { waiting: waiting.size, resolved: resolved.length, lost, refused, lastRefusal }
    },
    confirm(row) {
      const { event_id: id, ts_ns: tsNs, level_price: price } = row
      if (indexes.length === 0 || typeof id !== 'string' || typeof tsNs !== 'bigint' || typeof price !== 'number')
        return
      const confirmNs = tsNs + anchorNs
      const isKnown = waiting.has(id) || resolved.some((touch) => touch.row['event_id'] === id)
      if (!isKnown) waiting.set(id, { row, tsNs, confirmNs, resolvedNs: confirmNs + windowNs })
    },
    learn(tsNs) {
      if (tsNs < last) rewind(tsNs)
      last = tsNs
      // Outcomes come with bars.
      if (rows.version === version || waiting.size === 0) return
      version = rows.version
      const found = collect(tsNs)
      if (found.length === 0) return
      const newest = resolved.at(-1)
      resolved.push(...found)
      const isLate = newest !== undefined && inOrder(newest, found[0] as Resolved) > 0
      if (isLate) resolved.sort(inOrder)
      if (resolved.length > MOST) resolved = resolved.slice(-MOST / 2)
      else if (!isLate) {
        give(found)
        return
      }
      rebuild()
    },
    serve(next) {
      indexes = next
      rebuild()
    },
  }
}

const signAt = (row: RowValues): 1 | -1 => (signOf(String(row['direction'])) === 1 ? 1 : -1)

function inOrder(a: Resolved, b: Resolved): number {
  if (a.resolvedNs !== b.resolvedNs) return a.resolvedNs < b.resolvedNs ? -1 : 1
  const [one, other] = [String(a.row['event_id']), String(b.row['event_id'])]
  return one < other ? -1 : Number(one > other)
}

/** Live features whose bars tell the outcomes that indexes grow by, before anything is asked in their tick. */
export function growingRows(rows: LiveFeatures, grower: IndexGrower): LiveFeatures {
  return {
    ...rows,
    get version() {
      return rows.version
    },
    get lastBarNs() {
      return rows.lastBarNs
    },
    get counts() {
      return rows.counts
    },
    push(bar) {
      rows.push(bar)
      grower.learn((BigInt(bar.minute) + 1n) * MINUTE_NS)
    },
    rewind(tsNs) {
      rows.rewind(tsNs)
      grower.learn(tsNs)
    },
  }
}
