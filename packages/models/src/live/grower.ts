import {
  type Anchor,
  ANCHOR_SECONDS,
  type LiveFeatures,
  type RowValues,
  type SignalSettings,
  signOf,
} from '@breakwater/features'
import type { GrowthEvent, GrowthState, KnownTouch } from './growth-state.ts'
import type { GrowingNeighbours } from './neighbours.ts'

/** Adds touches to the indexes when their outcomes have become known. */
export interface IndexGrower {
  readonly counts: GrowthCounts
  /** What it holds, to go on from. */
  readonly state: GrowthState
  /** Takes a touch at its confirmation, and keeps its row. */
  readonly confirm: (row: RowValues) => void
  /** Looks for outcomes once everything until `tsNs` has come; a time before an earlier one takes back what was known since. */
  readonly learn: (tsNs: bigint) => void
  /**
   * Goes on from a state beside what it holds. A touch whose outcome became known after the last time of {@link learn} is added when that time
   * has come again.
   */
  readonly restore: (state: GrowthState) => void
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
  /** Told what has changed in the state, to keep it; `all` where events do not tell. */
  readonly onChange?: ((events: readonly GrowthEvent[] | 'all') => void) | undefined
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

interface Resolved extends KnownTouch {
  readonly resolvedNs: bigint
}

/**
 * A grower before its first touch. A touch is added when its label window is over and the bars of it have come, never before, once for each
 * event; in order of the end of its window, then of its id. Memory: about 3 kB a touch, of {@link MOST} at most.
 */
export function createIndexGrower(input: GrowerInput): IndexGrower {
  const { rows, signals, timeframe, onChange = () => undefined } = input
  const anchorNs = BigInt(ANCHOR_SECONDS[timeframe]) * SECOND_NS
  const windowNs = BigInt(signals.lookforward) * MINUTE_NS
  let { indexes } = input
  let waiting = new Map<string, Waiting>()
  let resolved: Resolved[] = []
  /** Restored, and known later than now. */
  let ahead: Resolved[] = []
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
    const before = waiting.size + resolved.length + ahead.length
    waiting = new Map([...waiting].filter(([, { confirmNs }]) => confirmNs <= tsNs))
    ahead = ahead.filter(({ knownNs }) => knownNs <= tsNs)
    const known = resolved.filter(({ resolvedNs }) => resolvedNs <= tsNs)
    const isShorter = known.length < resolved.length
    resolved = known
    if (isShorter) rebuild()
    if (waiting.size + resolved.length + ahead.length < before) onChange('all')
  }
  /** Outcomes that have become known; takes those that never will out of the waiting. */
  const collect = (tsNs: bigint): { readonly found: Resolved[]; readonly given: string[] } => {
    const found: Resolved[] = []
    const given: string[] = []
    for (const [id, { row, tsNs: touchNs, resolvedNs }] of waiting) {
      if (resolvedNs > tsNs) continue
      const outcome = rows.outcome({ tsNs: touchNs, price: row['level_price'] as number, sign: signAt(row) }, timeframe)
      if (outcome === null && tsNs - resolvedNs <= PATIENCE_NS) continue
      waiting.delete(id)
      if (outcome === null) given.push(id)
      else found.push({ row, outcome, resolvedNs, knownNs: tsNs })
    }
    return { found: found.toSorted(inOrder), given }
  }
  /** Adds touches in order; false where older ones were forgotten. */
  const take = (found: readonly Resolved[]): boolean => {
    const [first] = found
    if (first === undefined) return true
    const newest = resolved.at(-1)
    resolved.push(...found)
    const isLate = newest !== undefined && inOrder(newest, first) > 0
    if (isLate) resolved.sort(inOrder)
    const isFull = resolved.length > MOST
    if (isFull) resolved = resolved.slice(-MOST / 2)
    if (isFull || isLate) rebuild()
    else give(found)
    return !isFull
  }
  const reveal = (tsNs: bigint): void => {
    if (ahead.length === 0) return
    const now = ahead.filter(({ knownNs }) => knownNs <= tsNs)
    ahead = ahead.filter(({ knownNs }) => knownNs > tsNs)
    if (!take(now.toSorted(inOrder))) onChange('all')
  }
  const look = (tsNs: bigint): void => {
    // Outcomes come with bars.
    if (rows.version === version || waiting.size === 0) return
    version = rows.version
    const { found, given } = collect(tsNs)
    lost += given.length
    if (found.length + given.length === 0) return
    const events: GrowthEvent[] = [
      ...given.map((id) => ({ kind: 'lost', id }) as const),
      ...found.map(({ row, outcome, knownNs }) => ({ kind: 'known', id: idOf(row), outcome, knownNs }) as const),
    ]
    onChange(take(found) ? events : 'all')
  }
  const waitFor = (row: RowValues): Waiting | null => {
    const { event_id: id, ts_ns: tsNs, level_price: price } = row
    if (typeof id !== 'string' || typeof tsNs !== 'bigint' || typeof price !== 'number') return null
    const confirmNs = tsNs + anchorNs
    return { row, tsNs, confirmNs, resolvedNs: confirmNs + windowNs }
  }
  const isKnown = (id: string): boolean =>
    waiting.has(id) || [...resolved, ...ahead].some(({ row }) => row['event_id'] === id)
  return {
    get counts() {
      return { waiting: waiting.size, resolved: resolved.length, lost, refused, lastRefusal }
    },
    get state() {
      return { waiting: [...waiting.values()].map(({ row }) => row), known: [...resolved, ...ahead] }
    },
    confirm(row) {
      const one = indexes.length === 0 ? null : waitFor(row)
      if (one === null || isKnown(idOf(row))) return
      waiting.set(idOf(row), one)
      onChange([{ kind: 'confirmed', row }])
    },
    learn(tsNs) {
      if (tsNs < last) rewind(tsNs)
      last = tsNs
      reveal(tsNs)
      look(tsNs)
    },
    restore(state) {
      const ids = new Set([...waiting.keys(), ...[...resolved, ...ahead].map(({ row }) => idOf(row))])
      for (const { row, outcome, knownNs } of state.known) {
        const one = ids.has(idOf(row)) ? null : waitFor(row)
        if (one !== null) ahead.push({ row, outcome, knownNs, resolvedNs: one.resolvedNs })
        ids.add(idOf(row))
      }
      for (const row of state.waiting) {
        const one = ids.has(idOf(row)) ? null : waitFor(row)
        if (one !== null) waiting.set(idOf(row), one)
      }
      version = -1
      reveal(last)
      look(last)
    },
    serve(next) {
      indexes = next
      rebuild()
    },
  }
}

const idOf = (row: RowValues): string => String(row['event_id'])

const signAt = (row: RowValues): 1 | -1 => (signOf(String(row['direction'])) === 1 ? 1 : -1)

function inOrder(a: Resolved, b: Resolved): number {
  if (a.resolvedNs !== b.resolvedNs) return a.resolvedNs < b.resolvedNs ? -1 : 1
  const [one, other] = [idOf(a.row), idOf(b.row)]
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
