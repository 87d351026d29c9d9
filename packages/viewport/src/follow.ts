import { within } from '@breakwater/features/vocabulary'
import { levelFault } from './check-snapshot.ts'
import type { ViewportMemory } from './held.ts'
import type { LevelEntry } from './level-book.ts'
import { priceAbout } from './path.ts'
import { relevanceOf } from './relevance.ts'
import { followEpisode, supposeTouch } from './rows.ts'
import type { Snapshot, SnapshotLevel } from './snapshot.ts'
import { advance, type LevelMemory } from './state.ts'
import type { RejectedLevel } from './surface.ts'

/** Moves the state of every level and chooses the targets. Those that cannot be one are given back. */
export function followLevels(held: ViewportMemory, snapshot: Snapshot): RejectedLevel[] {
  const { selection: selected, settings, tally } = held
  const rejected: RejectedLevel[] = []
  selected.begin()
  for (const [index, level] of snapshot.levels.entries()) {
    const entry = levelFault(level) ?? sightLevel(held, level, snapshot)
    if (typeof entry === 'string') {
      rejected.push({ index, level_id: typeof level?.id === 'string' ? level.id : null, code: entry })
      continue
    }
    if (!entry.pinned && !within(entry.distance, settings.state.approachBand)) continue
    entry.relevance = relevanceAt(held, entry)
    selected.offer(entry)
  }
  tally.rejectedLevels += rejected.length
  return rejected
}

/** The level as this tick sees it, or why there is none: the snapshot has had it already, or the book is full. */
function sightLevel(
  { book, pins, rows, settings, tally }: ViewportMemory,
  level: SnapshotLevel,
  sighting: Snapshot,
): LevelEntry | 'duplicate_level' | 'too_many_levels' {
  const { spot, tsNs } = sighting
  const known = book.find(level)
  if (known?.seenTick === tally.ticks) return 'duplicate_level'
  const isFresh = known !== undefined && tsNs - known.seenNs <= settings.forgetAfterNs
  const tick = { tsNs, windowNs: settings.windowNs }
  const about = isFresh ? priceAbout(known, level.price, tick) : level.price
  const memory = advance(isFresh ? known.memory : null, { price: level.price, about, spot, tsNs }, settings.state)
  const entry = known ?? newEntry(level, memory, tsNs)
  if (known === undefined && !book.put(level, entry, tally.ticks)) return 'too_many_levels'
  if (memory.touchNs === tsNs) {
    entry.touchPrice = level.price
    entry.highest = entry.lowest = spot
  }
  entry.highest = Math.max(entry.highest, spot)
  entry.lowest = Math.min(entry.lowest, spot)
  if (!isFresh) entry.episode = null
  entry.level = level
  entry.memory = memory
  entry.seenNs = tsNs
  entry.seenTick = tally.ticks
  entry.distance = Math.abs(priceAbout(entry, level.price, tick) - spot)
  entry.pinned = pins.holds(level.kind, level.price)
  const confirmed = followEpisode(entry, rows, spot)
  if (confirmed !== null) settings.onConfirmed({ ...confirmed })
  return entry
}

function newEntry(level: SnapshotLevel, memory: LevelMemory, tsNs: bigint): LevelEntry {
  return {
    level,
    memory,
    seenNs: tsNs,
    seenTick: 0,
    distance: 0,
    relevance: 0,
    pinned: false,
    touchPrice: level.price,
    highest: -Infinity,
    lowest: Infinity,
    numbers: null,
    supposed: null,
    episode: null,
    scored: null,
    failure: null,
  }
}

function relevanceAt({ rows, settings }: ViewportMemory, entry: LevelEntry): number {
  supposeTouch(entry, rows)
  const row = entry.supposed?.row
  const gamma = entry.level.physics?.['gamma_exposure']
  return relevanceOf(
    {
      distance: entry.distance,
      approachVelocity: row?.approachVelocity ?? Number.NaN,
      confluence: row?.confluence ?? Number.NaN,
      gammaExposure: typeof gamma === 'number' ? gamma : Number.NaN,
    },
    settings.relevance,
  )
}
