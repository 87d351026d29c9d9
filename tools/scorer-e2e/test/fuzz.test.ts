import { type IncomingSnapshot, viewportSchema, type ViewportScorer } from '@breakwater/scorer'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { beginning, enabled } from './warm.ts'

/** Mutated snapshots of a run; BREAKWATER_FUZZ asks for another number, BREAKWATER_FUZZ_SEED for others. */
const COUNT = Number(process.env['BREAKWATER_FUZZ'] ?? 10_000)
const SEED = Number(process.env['BREAKWATER_FUZZ_SEED'] ?? 1)
/** Good ticks among them. */
const GOOD = 200

/** A random source: numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Random {
  readonly next: () => number
  readonly below: (count: number) => number
  readonly pick: <T>(values: readonly T[]) => T
}

function sourceOf(seed: number): Random {
  const next = randomFrom(seed)
  const below = (count: number): number => Math.floor(next() * count)
  return { next, below, pick: (values) => values[below(values.length)] as (typeof values)[number] }
}

const NUMBERS = [0, -0, -1, 1e-320, 0.1, 2 ** 53, 8.64e15, 1e308, -1e308, Infinity, -Infinity, Number.NaN]
const WORDS = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'ROUND',
  'VWAP',
  'WALL',
  '\ud800',
  '\udfff\ud83d',
  'é'.repeat(80),
]
const NAMES = ['ts', 'spy', 'spot', 'bid', 'ask', 'levels', 'bars', 'jump', 'id', 'kind', 'price', 'physics', 'volume']

/** A value of any kind; nested ones may be deep or hold themselves. */
function oddValue(random: Random): unknown {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  return random.pick<() => unknown>([
    () => random.pick(NUMBERS),
    () => random.pick(NUMBERS),
    () => random.pick(WORDS),
    () => `word ${random.below(1e6)}`,
    () => random.pick([null, true, false, undefined, 7n]),
    () => JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown,
    () => cyclic,
    () => Array.from({ length: random.below(6000) }, () => null),
    () => ({ [random.pick(WORDS)]: random.pick(NUMBERS), [random.pick(NAMES)]: {} }),
  ])()
}

/** Objects and lists of a snapshot, itself included, as deep as a sound one goes. */
function containersOf(value: unknown, depth = 4): object[] {
  if (typeof value !== 'object' || value === null || depth === 0) return []
  return [value, ...Object.values(value).flatMap((one) => containersOf(one, depth - 1))]
}

/** Changes one place of a snapshot: a field gets an odd value, goes, doubles, moves or appears. Writes `snapshot`. */
function mutate(snapshot: object, random: Random): void {
  const container = random.pick(containersOf(snapshot)) as Record<string, unknown>
  const names = Object.keys(container)
  const name = names.length > 0 && random.next() < 0.8 ? random.pick(names) : random.pick([...NAMES, ...WORDS])
  const value = container[name]
  random.pick([
    () => Object.defineProperty(container, name, { value: oddValue(random), ...OPEN }),
    () => Object.defineProperty(container, name, { value: oddValue(random), ...OPEN }),
    () => delete container[name],
    () => Object.defineProperty(container, random.pick([...NAMES, ...WORDS]), { value, ...OPEN }),
    () => Array.isArray(container) && container.push(...(container.slice(0, 40) as unknown[])),
    () =>
      typeof value === 'number' && (container[name] = value * random.pick([-1, 0.01, 100, 1 + random.next() / 100])),
    () =>
      typeof value === 'number' && (container[name] = value + random.pick([-86_400_000, -60_000, 250, 3.6e6, 3e10])),
  ])()
}
const OPEN = { enumerable: true, configurable: true, writable: true }

/** What is wrong with the result of a snapshot; null where nothing is. */
function faultOf(scorer: ViewportScorer, snapshot: IncomingSnapshot): string | null {
  try {
    const { viewport } = JSON.parse(JSON.stringify(scorer.score(snapshot))) as { viewport: unknown }
    const parsed = viewportSchema.safeParse(viewport)
    return parsed.success ? null : parsed.error.message
  } catch (error) {
    return String(error)
  }
}

describe(`${COUNT} mutated snapshots of seed ${SEED}`, async () => {
  const { snapshots, warmScorer } = await beginning(inject('models'))
  const faults: string[] = []
  const unscored: string[] = []
  const largest = { levels: 0, fields: 0, words: 0, status: 0 }
  const codes = new Set<string>()

  beforeAll(async () => {
    let now = snapshots[0].ts
    const clock = (): number => now
    const scorer = await warmScorer(inject('models'), { clock, tuning: { maxLevels: 300 } })
    const random = sourceOf(SEED)
    for (let i = 0; i < COUNT; i++) {
      const turn = Math.floor((i * GOOD) / COUNT)
      const base = snapshots[turn] ?? snapshots[0]
      now = base.ts
      const bad = structuredClone(base)
      for (let left = 1 + random.below(4); left > 0; left--) mutate(bad, random)
      const fault = faultOf(scorer, bad)
      if (fault !== null) faults.push(`${i}: ${fault}`)
      if (turn === Math.floor(((i + 1) * GOOD) / COUNT)) continue
      // Three seconds later, so that no tick within the clock's limit is later. A wrong price may have been believed.
      now += 3000
      const error = scorer.score({ ...base, ts: now, jump: true }).viewport?.error
      if (error !== null) unscored.push(`${i}: ${error?.code} ${error?.message}`)
      measure(scorer)
    }
    for (const code of Object.keys(enabled(scorer).refusedTicks)) codes.add(code)
  })

  function measure(scorer: ViewportScorer): void {
    const status = enabled(scorer)
    const words = Object.values(status.unseenCategories).map((values) => Object.keys(values).length)
    largest.levels = Math.max(largest.levels, status.viewport.levels)
    largest.fields = Math.max(largest.fields, Object.keys(status.unknownFields).length)
    largest.words = Math.max(largest.words, ...words)
    largest.status = Math.max(largest.status, JSON.stringify(status, bigints).length)
  }

  test('throw nothing, and every result is JSON of the schema', () => {
    expect(faults.slice(0, 5)).toEqual([])
  })

  test('leave a scorer that scores the next good tick, every time', () => {
    expect(unscored.slice(0, 5)).toEqual([])
  })

  test('leave what it remembers bounded', () => {
    expect(largest.levels).toBeLessThanOrEqual(300)
    expect(largest.fields).toBeLessThanOrEqual(101)
    expect(largest.words).toBeLessThanOrEqual(101)
    expect(largest.status).toBeLessThan(100_000)
  })

  test.runIf(COUNT >= 10_000)('reach every refusal by name', () => {
    expect([...codes]).toEqual(
      expect.arrayContaining([
        'bad_time',
        'time_backwards',
        'time_ahead',
        'bad_spot',
        'bad_quote',
        'bad_levels',
        'bad_bars',
        'spot_jump',
      ]),
    )
    expect([...codes]).not.toContain('failed')
  })
})

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
