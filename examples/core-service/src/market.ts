import { newYorkCalendar, physicsSource } from '@breakwater/features'
import { readBars, readTable } from '@breakwater/features/parquet'
import { historyOf, type IncomingBar, type IncomingSnapshot, replaySnapshots } from '@breakwater/scorer'

/** A market to snap. A real service has a feed here; this one walks through recorded bars. */
export interface Market {
  /** Bars of the days before: they warm averages up and say where price came from. */
  readonly history: () => Iterable<IncomingBar>
  readonly snapshots: () => Iterable<IncomingSnapshot>
}

/** The last session of recorded bars, with physics where there are any. */
export async function recordedMarket(barsPath: string, physicsPath: string | undefined): Promise<Market> {
  const { bars } = await readBars(barsPath)
  const physics = physicsSource(physicsPath === undefined ? undefined : (await readTable(physicsPath)).table)
  const calendar = newYorkCalendar()
  const last = calendar.dateOf(bars.ts.at(-1) ?? 0n)
  const dates = new Set([last])
  return {
    history: () => historyOf({ bars, dates }),
    snapshots: () => replaySnapshots({ bars, physics, dates, intervalMs: 250, touchOf: () => null }),
  }
}
