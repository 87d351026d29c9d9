import type { Stage } from '@breakwater/features/vocabulary'
import { checkSnapshot } from './check-snapshot.ts'
import { plausibilityGate } from './door/plausibility.ts'
import { followLevels } from './follow.ts'
import type { ViewportMemory } from './held.ts'
import { levelBook, type LevelEntry } from './level-book.ts'
import { viewportSettings, type ViewportSettings } from './options.ts'
import type { Models, MomentSource } from './parts.ts'
import { pinBoard } from './pins.ts'
import { targetOf } from './publish.ts'
import { momentsAt, pathOf, type PathTick } from './path.ts'
import { type ChosenRow, chooseRow, messageOf, secondsFrom, stageOf } from './rows.ts'
import { stageScorer, type StageScorer } from './score-pass.ts'
import { selection } from './select.ts'
import type { Snapshot } from './snapshot.ts'
import type { BarRejection, TickResult, Viewport, ViewportOptions, ViewportStatus } from './surface.ts'
import { beginTally, resetStates, tallyFailure } from './tally.ts'
import type { Target } from './target.ts'
import { MINUTE_NS, SECOND_NS } from './time.ts'

/** Ticks between two looks for levels to forget. */
const FORGET_EVERY = 256

/**
 * A viewport before its first tick. The rows and models are used, not copied; between ticks nothing runs. Throws RangeError
 * naming the option that is wrong.
 */
export function createViewport(options: ViewportOptions): Viewport {
  const settings = viewportSettings(options)
  const held: ViewportMemory = {
    settings,
    rows: options.rows,
    gate: options.plausibility === false ? null : plausibilityGate(options.plausibility),
    pins: pinBoard(options.pins),
    book: levelBook(settings.singleKinds, settings.maxLevels),
    selection: selection(settings),
    tally: beginTally(),
    pending: { stage_a: [], stage_b: [] },
    scorers: scorersOf(options.models, 0, settings),
    generation: 0,
    lastNs: null,
  }
  return {
    utility: settings.utility,
    tick: (snapshot) => tick(held, snapshot),
    learn(bar) {
      held.rows.push(bar)
      held.gate?.takeBar(bar)
    },
    pin: (pin) => held.pins.add(pin),
    unpin: (pin) => held.pins.remove(pin),
    replaceModels(models) {
      held.scorers = scorersOf(models, held.generation + 1, settings)
      held.generation += 1
    },
    status: () => statusOf(held),
  }
}

function scorersOf(models: Models, generation: number, { pass }: ViewportSettings): Record<Stage, StageScorer> {
  return {
    stage_a: stageScorer('stage_a', models.stage_a, generation, pass),
    stage_b: stageScorer('stage_b', models.stage_b, generation, pass),
  }
}

function tick(held: ViewportMemory, snapshot: Snapshot): TickResult {
  const { tally, selection: selected, settings } = held
  const { tsNs, spot } = snapshot
  checkSnapshot(snapshot, { lastNs: held.lastNs, latestNs: settings.latestNs() })
  const isRewound = held.lastNs !== null && tsNs < held.lastNs
  held.gate?.checkTick(snapshot, isRewound)
  if (isRewound) rewind(held, tsNs)
  held.lastNs = tsNs
  tally.ticks += 1
  // A tick that failed half-way may have left some.
  held.pending.stage_a.length = held.pending.stage_b.length = 0
  const barErrors = takeBars(held, snapshot)
  const rejected = followLevels(held, snapshot)
  const { staleAfterNs, windowNs, state } = settings
  const { rows } = held
  const paths: PathTick = { rows, tsNs, spot, staleAfterNs, touchBand: state.touchBand, windowNs }
  const { scorers } = held
  const moments = {
    stage_a: momentsAt(paths, scorers.stage_a.forecaster),
    stage_b: momentsAt(paths, scorers.stage_b.forecaster),
  }
  for (const entry of selected.pinned) prepare(held, entry, paths, moments)
  for (const entry of selected.automatic) prepare(held, entry, paths, moments)
  scorePending(held, 'stage_a')
  scorePending(held, 'stage_b')
  const targets: Target[] = []
  resetStates(tally)
  for (const entry of selected.pinned) targets.push(publish(held, entry, paths))
  for (const entry of selected.automatic) targets.push(publish(held, entry, paths))
  if (tally.ticks % FORGET_EVERY === 0) held.book.forgetBefore(tsNs - settings.forgetAfterNs)
  return { tsNs, targets: targets.toSorted(settings.rank), rejected, pinsLeftOut: selected.pinsLeftOut(), barErrors }
}

/** Restarts at `tsNs`: state since then is from times that have not come. */
function rewind({ book, rows, tally }: ViewportMemory, tsNs: bigint): void {
  book.clear()
  rows.rewind?.(tsNs)
  tally.rewinds += 1
}

/** Maximum number of bar messages per tick. */
const MAX_BAR_ERRORS = 20

/** Gives the row source the bars that have ended and are believed; messages of the others. */
function takeBars({ rows, gate, tally }: ViewportMemory, snapshot: Snapshot): string[] {
  const errors: string[] = []
  const reject = (code: BarRejection, message: string): void => {
    tally.rejectedBars += 1
    tally.bars.set(code, (tally.bars.get(code) ?? 0) + 1)
    if (errors.length < MAX_BAR_ERRORS) errors.push(message)
  }
  for (const bar of snapshot.bars ?? []) {
    const { minute } = bar
    if (Number.isSafeInteger(minute) && (BigInt(minute) + 1n) * MINUTE_NS > snapshot.tsNs) {
      reject(
        'not_ended',
        `viewport: bar.minute=${minute}: has not ended at ${snapshot.tsNs}. Send bars when they have ended.`,
      )
      continue
    }
    const fault = Number.isSafeInteger(minute) ? (gate?.barFault(bar, snapshot) ?? null) : null
    if (fault !== null) {
      reject(
        fault,
        `viewport: bar.minute=${minute}: ${fault}: is implausible and was ignored. See PlausibilityOptions.`,
      )
      continue
    }
    try {
      rows.push(bar)
      gate?.takeBar(bar)
    } catch (error) {
      reject('refused', messageOf(error))
    }
  }
  return errors
}

/** Finds row and path of a target, and puts the target among those to score where its scores are not of now. */
function prepare(
  { settings, scorers, pending }: ViewportMemory,
  entry: LevelEntry,
  at: PathTick,
  moments: Readonly<Record<Stage, MomentSource | null>>,
): void {
  const { tsNs } = at
  const stage = stageOf(entry.memory.state)
  const scorer = scorers[stage]
  const row = chooseRow(entry, at.rows, tsNs, settings.staleAfterNs)
  const chosen = 'code' in row ? null : row
  const lack = 'code' in row ? row : null
  const { forecaster } = scorer
  if (forecaster === null) {
    entry.failure = lack
    if (chosen === null) return
    const sinceAnchorS = chosen.basis === 'confirmation' ? secondsFrom(chosen.asOfNs, tsNs) : 0
    if (sinceAnchorS === 0 && isScored(entry, chosen, scorer, stage)) return
    pending[stage].push({ entry, chosen, path: null, asOfNs: chosen.asOfNs, sinceAnchorS, lack: null })
    return
  }
  const isAnchor = chosen?.basis === 'confirmation' && tsNs < chosen.asOfNs + SECOND_NS
  const values = chosen?.basis === 'supposed' ? null : (chosen?.values ?? null)
  const path = pathOf(entry, values, at, { moments: moments[stage], forecaster, isAnchor })
  entry.failure = 'code' in path ? path : null
  if ('code' in path) return
  pending[stage].push({ entry, chosen, path, asOfNs: tsNs, sinceAnchorS: 0, lack: path.served.isTouched ? lack : null })
}

/** Whether an entry's scores are those of the heads for this row; what failed is tried again: it may have been the moment's fault. */
function isScored(
  { scored }: LevelEntry,
  { row, basis }: ChosenRow,
  { generation }: StageScorer,
  stage: Stage,
): boolean {
  return (
    scored?.failure === null &&
    scored.row === row &&
    scored.revision === row.revision &&
    scored.stage === stage &&
    scored.basis === basis &&
    scored.generation === generation
  )
}

function scorePending({ pending, scorers }: ViewportMemory, stage: Stage): void {
  if (pending[stage].length === 0) return
  scorers[stage].score(pending[stage])
  pending[stage].length = 0
}

function publish({ tally, scorers }: ViewportMemory, entry: LevelEntry, at: PathTick): Target {
  const { state } = entry.memory
  const failure = entry.failure ?? entry.scored?.failure ?? null
  if (failure !== null) tallyFailure(tally, failure)
  tally.states[state] += 1
  return targetOf(entry, at, scorers[stageOf(state)].none)
}

function statusOf({ tally, lastNs, book, pins, scorers, gate }: ViewportMemory): ViewportStatus {
  const { stage_a: a, stage_b: b } = scorers
  return {
    ticks: tally.ticks,
    lastTsNs: lastNs,
    levels: book.size,
    evictedLevels: book.evicted,
    pins: pins.list(),
    missingHeads: { stage_a: a.places.missing, stage_b: b.places.missing },
    hasNeighbours: { stage_a: a.hasNeighbours, stage_b: b.hasNeighbours },
    targetsByState: { ...tally.states },
    failures: Object.fromEntries([...tally.failures].map(([code, count]) => [code, { ...count }])),
    rejectedLevels: tally.rejectedLevels,
    rejectedBars: tally.rejectedBars,
    rejectedBarsBy: Object.fromEntries(tally.bars),
    believedJumps: gate?.believed ?? 0,
    rewinds: tally.rewinds,
  }
}
