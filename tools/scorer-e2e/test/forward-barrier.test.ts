import {
  type Column,
  newYorkCalendar,
  PHYSICS_KNOWN_AFTER_S,
  physicsSource,
  type Table,
  timesOf,
} from '@breakwater/features'
import { createViewportScorer, historyOf, replaySnapshots, type ViewportScorer } from '@breakwater/scorer'
import { simulate } from '@breakwater/simulator'
import { describe, expect, inject, test } from 'vitest'
import { optionsOf } from './market.ts'

const folder = inject('models')
const MINUTE_NS = 60_000_000_000n
const MINUTE_MS = 60_000
const INTERVAL_MS = 15_000

// The market of the models, whose rows tell of the book three minutes later.
const { bars, physics, truth } = simulate({ sessions: 12, seed: 5, missingRate: 0, barrierMinutes: 4 })
const last = truth.dates.at(-1) ?? ''
const open = Number((newYorkCalendar().sessionOf(last)?.openNs ?? 0n) / MINUTE_NS)
const dates = new Set([last])
const knownAfter = new Map<string, number>(Object.entries(PHYSICS_KNOWN_AFTER_S))

/** Seconds from the start of its minute on that the book of a row covers. */
const WINDOW_S = 240

const isOfBook = (name: string): boolean => knownAfter.get(name) === WINDOW_S

/** The physics with every reading of the book changed whose window ends after a minute. */
function changedAfter(minute: number): Table {
  const ts = timesOf(physics, 'ts_ns')
  const isLater = (row: number): boolean => Number((ts[row] as bigint) / MINUTE_NS) * 60 + WINDOW_S > minute * 60
  const changed = (column: Column): Column => {
    if (column.type === 'number')
      return { type: 'number', values: Float64Array.from(column.values, (v, row) => (isLater(row) ? 1.5 - v : v)) }
    if (column.type !== 'string') return column
    const words = column.dictionary.length
    return { ...column, codes: column.codes.map((code, row) => (isLater(row) ? (code + 1) % words : code)) }
  }
  const columns = Object.entries(physics.columns).map(
    ([name, column]) => [name, isOfBook(name) ? changed(column) : column] as const,
  )
  return { rows: physics.rows, columns: Object.fromEntries(columns) }
}

const start = (): Promise<ViewportScorer> =>
  createViewportScorer({ ...optionsOf(folder, 'law'), history: historyOf({ bars, dates }) })

/** What a replay of the last session publishes, tick by tick, with its time in minutes since the open. */
async function* published(readings: Table): AsyncGenerator<{ readonly minute: number; readonly text: string }> {
  const scorer = await start()
  const touches = new Map<string, number | null>()
  const input = { bars, physics: physicsSource(readings), intervalMs: INTERVAL_MS, dates }
  for (const snapshot of replaySnapshots({ ...input, touchOf: (id) => touches.get(id) ?? null })) {
    const payload = scorer.score(snapshot)
    touches.clear()
    for (const { level_id: id, touch_ts_ns: ns } of payload.viewport?.targets ?? []) touches.set(id, ns)
    yield { minute: payload.ts / MINUTE_MS - open, text: JSON.stringify(payload) }
  }
}

describe('a replay of a market whose barrier looks ahead', () => {
  test('publishes nothing of the book before its window has ended, and then does', async () => {
    const own: string[] = []
    for await (const { text } of published(physics)) own.push(text)
    const waits: number[] = []
    for (const minute of [37, 90, 151, 208, 262, 333]) {
      let [tick, first] = [0, Number.NaN]
      for await (const one of published(changedAfter(open + minute))) {
        if (one.text === own[tick++]) continue
        first = one.minute
        break
      }
      waits.push(first - minute)
    }
    // The first window that ends later ends a minute later; a level has to be touched for its book to be read.
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...waits)).toBeLessThan(30)
  })
})
