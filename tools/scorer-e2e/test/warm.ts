import type { ActiveStatus, IncomingSnapshot, ScorerOptions, ViewportScorer } from '@breakwater/scorer'
import { lastSession, readMarket, scorerFor } from './market.ts'

/** The beginning of the last session, every 15 s, and scorers that have seen its first minutes. */
export interface Beginning {
  /** Snapshots after the first five minutes: by then bars have come, and price has stood on a side of every level. */
  readonly snapshots: readonly [IncomingSnapshot, IncomingSnapshot, IncomingSnapshot, ...IncomingSnapshot[]]
  /** A scorer of the models in `models` that has seen the first five minutes. */
  readonly warmScorer: (models: string, more?: ScorerOptions) => Promise<ViewportScorer>
}

const WARM_UP = 20
const COUNT = 240

/** Reads the market of the models in `folder`. */
export async function beginning(folder: string): Promise<Beginning> {
  const market = await readMarket(folder)
  const all: IncomingSnapshot[] = []
  for (const snapshot of lastSession(market, 15_000).snapshots()) {
    if (all.push(snapshot) === COUNT) break
  }
  return {
    snapshots: all.slice(WARM_UP) as [IncomingSnapshot, IncomingSnapshot, IncomingSnapshot, ...IncomingSnapshot[]],
    warmScorer: async (models, more) => {
      const scorer = await scorerFor(models, lastSession(market, 15_000), more)
      for (const snapshot of all.slice(0, WARM_UP)) scorer.score(snapshot)
      return scorer
    },
  }
}

/** The status of a scorer whose scoring is on. */
export function enabled(scorer: ViewportScorer): ActiveStatus {
  const status = scorer.status()
  if (!status.enabled) throw new Error('scoring is off')
  return status
}
