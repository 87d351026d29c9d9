import { createViewport, type Snapshot, SnapshotError, type Viewport } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'
import { barAt, fakeIndex, fakePredictor, fakeRows, levelAt, modelsOf, snapshotAt, START } from './fakes.ts'

const HOUR = 3600
const START_MS = Number(START / 1_000_000n)
const LEVELS = [levelAt('ROUND', 500), levelAt('VWAP', 499.8)]

/** A viewport with a clock that a test sets, in seconds after START. */
function clocked(maxAheadMs?: number): { viewport: Viewport; set: (seconds: number) => void; rewound: bigint[] } {
  let now = START_MS
  const rewound: bigint[] = []
  const rows = Object.assign(fakeRows(), { rewind: (tsNs: bigint): void => void rewound.push(tsNs) })
  const clock = (): number => now
  const options = maxAheadMs === undefined ? { clock } : { clock, maxAheadMs }
  const viewport = createViewport({ models: modelsOf(fakePredictor(), fakeIndex()), rows, ...options })
  return { viewport, rewound, set: (seconds) => (now = START_MS + seconds * 1000) }
}

const good = (i: number): Snapshot => snapshotAt(i / 4, 499.9 + (i % 7) / 100, LEVELS)

/** The code that a snapshot is refused with; null where it scores. */
function codeOf(viewport: Viewport, snapshot: Snapshot): string | null {
  try {
    viewport.tick(snapshot)
    return null
  } catch (error) {
    if (error instanceof SnapshotError) return error.code
    throw error
  }
}

describe('a snapshot ahead of the clock', () => {
  test.each([
    ['just beyond the limit', 2.001],
    ['an hour', HOUR],
    ['a day', 24 * HOUR],
    ['a year', 365 * 24 * HOUR],
    ['the last time of a Date', 8.64e12 - START_MS / 1000],
  ])('%s: is refused by name, and 400 good ticks after it score as if it had not come', (_, ahead) => {
    const { viewport, set } = clocked()
    const twin = clocked()
    const refused: (string | null)[] = []
    for (let i = 0; i < 400; i++) {
      set(i / 4)
      twin.set(i / 4)
      const wrong = { ...snapshotAt(i / 4 + ahead, 500, LEVELS), bars: [barAt(Math.floor(ahead / 60))] }
      refused.push(i % 100 === 10 ? codeOf(viewport, wrong) : null)
      expect(viewport.tick(good(i))).toEqual(twin.viewport.tick(good(i)))
    }
    expect(refused.filter((code) => code !== null)).toEqual(Array.from({ length: 4 }, () => 'time_ahead'))
    expect(viewport.status()).toEqual(twin.viewport.status())
  })

  test('within the limit it scores, and says what the limit was where it is not', () => {
    const { viewport } = clocked()
    expect(codeOf(viewport, snapshotAt(2, 500, LEVELS))).toBeNull()
    expect(() => clocked(0).viewport.tick(snapshotAt(1, 500, LEVELS))).toThrow(
      `viewport: snapshot.tsNs=${START + 1_000_000_000n}: is further ahead of the clock than allowed; the latest accepted is ${START}. Correct the sender's clock.`,
    )
    expect(codeOf(clocked(Infinity).viewport, snapshotAt(1e9, 500, LEVELS))).toBeNull()
  })
})

describe('a clock that jumps', () => {
  test('ahead and back, together with its sender: good ticks score at once, and what was learnt ahead is forgotten', () => {
    const { viewport, set, rewound } = clocked()
    expect(codeOf(viewport, good(0))).toBeNull()
    set(HOUR)
    expect(codeOf(viewport, snapshotAt(HOUR, 500, LEVELS))).toBeNull()
    set(1)
    const twin = clocked()
    twin.set(1)
    for (let i = 4; i < 100; i++) {
      set(i / 4)
      twin.set(i / 4)
      expect(viewport.tick(good(i)).targets).toEqual(twin.viewport.tick(good(i)).targets)
    }
    expect(rewound).toEqual([good(4).tsNs])
    expect(viewport.status().rewinds).toBe(1)
  })

  test('back and ahead again, while its sender goes on: ticks are refused meanwhile, and score after', () => {
    const { viewport, set } = clocked()
    const codes = [0, -HOUR, 0].map((jump, i) => {
      set(i + jump)
      return codeOf(viewport, snapshotAt(i, 500, LEVELS))
    })
    expect(codes).toEqual([null, 'time_ahead', null])
    expect(viewport.status().rewinds).toBe(0)
  })

  test('a sender that goes back while the clock does not is out of order, as without a clock', () => {
    const { viewport, set } = clocked()
    set(10)
    viewport.tick(snapshotAt(10, 500, LEVELS))
    expect(codeOf(viewport, snapshotAt(9, 500, LEVELS))).toBe('time_backwards')
  })
})

test('a limit below 0 or NaN is refused', () => {
  for (const wrong of [-1, Number.NaN]) {
    expect(() => clocked(wrong)).toThrow(
      new RangeError(`viewport: options.maxAheadMs=${wrong}: must be milliseconds of at least 0. See ViewportOptions.`),
    )
  }
})
