import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bars, newYorkCalendar, physicsSource, timesOf } from '@breakwater/features'
import { readBars, readTable } from '@breakwater/features/parquet'
import {
  createViewportScorer,
  historyOf,
  type IncomingSnapshot,
  replaySnapshots,
  type ScorerOptions,
  type TargetPayload,
  type ViewportScorer,
} from '@breakwater/scorer'

/** The simulated market of the models. */
export interface Market {
  readonly bars: Bars
  readonly physics: ReturnType<typeof physicsSource>
  /** Sessions in order. */
  readonly dates: readonly string[]
}

const DAY_NS = 24n * 3600n * 1_000_000_000n

/** Reads the bars and physics that the models were made from; `daysLater` moves them to days that the models do not know. */
export async function readMarket(folder: string, daysLater = 0): Promise<Market> {
  const { bars } = await readBars(join(folder, 'bars.parquet'))
  const { table } = await readTable(join(folder, 'physics.parquet'))
  for (const times of [bars.ts, timesOf(table, 'ts_ns')]) {
    for (const [i, ns] of times.entries()) times[i] = ns + BigInt(daysLater) * DAY_NS
  }
  const calendar = newYorkCalendar()
  return { bars, physics: physicsSource(table), dates: [...new Set(Array.from(bars.ts, (ns) => calendar.dateOf(ns)))] }
}

/** The last session of a market, snapshot by snapshot; `learn` is told the targets of each. */
export interface Session {
  readonly snapshots: () => Generator<IncomingSnapshot>
  readonly learn: (targets: readonly TargetPayload[]) => void
  readonly history: () => ReturnType<typeof historyOf>
}

/** The last session, every `intervalMs`. */
export function lastSession({ bars, physics, dates }: Market, intervalMs: number): Session {
  const touches = new Map<string, number | null>()
  const replayed = new Set(dates.slice(-1))
  const touchOf = (id: string): number | null => touches.get(id) ?? null
  return {
    snapshots: () => replaySnapshots({ bars, physics, intervalMs, dates: replayed, touchOf }),
    history: () => historyOf({ bars, dates: replayed }),
    learn: (targets) => {
      touches.clear()
      for (const { level_id: id, touch_ts_ns: ns } of targets) touches.set(id, ns)
    },
  }
}

/** Options of a scorer of the models in `folder`, whose heads answer unless the law is asked for. */
export function optionsOf(folder: string, source: 'heads' | 'law' = 'heads'): ScorerOptions {
  return {
    env: { VIEWPORT_SCORING_ENABLED: 'true', VIEWPORT_PHYSICS: 'all' },
    modelDir: join(folder, 'boosted_trees'),
    retrievalIndex: folder,
    // The market is simulated, and may be of any time.
    tuning: { maxAheadMs: Infinity, source },
  }
}

/** A scorer that has the history of a session. */
export function scorerFor(folder: string, session: Session, more: ScorerOptions = {}): Promise<ViewportScorer> {
  return createViewportScorer({ ...optionsOf(folder), history: session.history(), ...more })
}

/** A copy of the models that a test may spoil, without their versions: what is beside the metadata is read. */
export function copyModels(folder: string): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'breakwater-copy-'))
  for (const name of ['boosted_trees', ...['a', 'b'].flatMap((stage) => indexFiles(`stage_${stage}`))]) {
    cpSync(join(folder, name), join(path, name), { recursive: true })
  }
  rmSync(join(path, 'boosted_trees', 'versions'), { recursive: true, force: true })
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Names of the files of a stage's index. */
export const indexFiles = (stage: string): readonly string[] => [
  `retrieval_index_${stage}_full.json`,
  `retrieval_index_${stage}_full.safetensors`,
]
