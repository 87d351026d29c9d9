import { ECHOES, PLANTED } from '@breakwater/simulator'
import { describe, expect, test } from 'vitest'
import { numbers, words } from './columns.ts'
import { breakRates, breakRateWhere, headOf, makeWorld, trainDirection } from './world.ts'
import type { OutOfSample } from './world.ts'

const world = makeWorld({ seed: 7 })
const nullWorld = makeWorld({ seed: 7, strength: 0 })

/** Planted columns with those that repeat them. */
const carriers = new Set(PLANTED.flatMap(({ column }) => [column, ...(ECHOES[column] ?? [])]))

/** Share of the gain that goes to carriers, of all columns but `direction`, which only gives the tape its sign. */
function carriedShare({ gains }: OutOfSample): number {
  const others = gains.filter(({ column }) => column !== 'direction')
  const total = (columns: typeof gains): number => columns.reduce((sum, { gain }) => sum + gain, 0)
  return total(others.filter(({ column }) => carriers.has(column))) / total(others)
}

test('$2 is reached within the window in 20% to 60% of touches, and every outcome occurs', () => {
  const { counts } = headOf(world, 'tradeable_2')
  const share = (counts.positives ?? 0) / counts.used
  expect(share).toBeGreaterThan(0.2)
  expect(share).toBeLessThan(0.6)
  expect(new Set(words(world.table, 'outcome'))).toEqual(new Set(['BREAK', 'BOUNCE', 'CHOP', 'UNDEFINED']))
})

test('neither BREAK nor BOUNCE has less than 40% of the tradeable touches', () => {
  const rate = breakRateWhere(world, () => true)
  expect(rate).toBeGreaterThan(0.4)
  expect(rate).toBeLessThan(0.6)
})

describe.each(['direction_2min', 'direction', 'direction_8min'])('head %s', (name) => {
  test('the break rate rises from the lowest to the highest third of the planted score by 25 points or more', () => {
    const [low = 1, middle = 0, high = 0] = breakRates(world, name)
    expect(high - low).toBeGreaterThan(0.25)
    expect(middle).toBeGreaterThan(low)
    expect(high).toBeGreaterThan(middle)
  })

  test('without planted effects it changes by less than 10 points', () => {
    const rates = breakRates(nullWorld, name)
    expect(Math.max(...rates) - Math.min(...rates)).toBeLessThan(0.1)
  })
})

describe('each planted column has its own effect on the break rate, over 120 sessions as walls are rare', () => {
  const longWorld = makeWorld({ seed: 7, sessions: 120 })
  const states = words(longWorld.table, 'barrier_state')
  const gamma = numbers(longWorld.table, 'gamma_exposure')
  const wall = numbers(longWorld.table, 'wall_ratio')
  const imbalance = numbers(longWorld.table, 'tape_imbalance')
  const sign = numbers(longWorld.table, 'direction_sign')
  const ofState = (...wanted: string[]): number =>
    breakRateWhere(longWorld, (row) => wanted.includes(states[row] ?? ''))
  const leaning = (row: number): number => (sign[row] ?? 0) * (imbalance[row] ?? 0)

  test('flow with the approach breaks at least 40 points more often than flow against it', () => {
    const along = breakRateWhere(longWorld, (row) => leaning(row) > 0.5)
    const against = breakRateWhere(longWorld, (row) => leaning(row) < -0.5)
    expect(along - against).toBeGreaterThan(0.4)
  })

  test('walls and absorption break at least 20 points less often than vacuum and consumed liquidity', () => {
    expect(ofState('VACUUM', 'CONSUMED') - ofState('WALL', 'ABSORPTION')).toBeGreaterThan(0.2)
  })

  test('short gamma breaks at least 10 points more often than long gamma', () => {
    const short = breakRateWhere(longWorld, (row) => (gamma[row] ?? 0) < -20_000)
    const long = breakRateWhere(longWorld, (row) => (gamma[row] ?? 0) > 60_000)
    expect(short - long).toBeGreaterThan(0.1)
  })

  test('a touch at a wall breaks at least 10 points less often than one without', () => {
    const [at, without] = [
      breakRateWhere(longWorld, (row) => (wall[row] ?? 0) > 1),
      breakRateWhere(longWorld, (row) => wall[row] === 0),
    ]
    expect(without - at).toBeGreaterThan(0.1)
  })
})

describe('a direction head trained on the first 26 sessions, on the other 14', () => {
  test('beats AUC 0.65 with physics alone; tape and gamma gain more than any noise, and carriers take 70% of the gain', async () => {
    const result = await trainDirection(world, 'stage_a')
    expect(result.auc).toBeGreaterThan(0.65)
    const others = result.gains.filter(({ column }) => column !== 'direction')
    const noise = others.findIndex(({ column }) => !carriers.has(column))
    const ahead = others.slice(0, noise).map(({ column }) => column)
    expect(ahead[0]).toBe('tape_imbalance')
    expect(ahead).toContain('gamma_exposure')
    expect(carriedShare(result)).toBeGreaterThan(0.7)
  })

  test('beats AUC 0.65 with every feature; the first column carries the effect, with at least three times the gain of any that does not', async () => {
    const result = await trainDirection(world, 'stage_b')
    expect(result.auc).toBeGreaterThan(0.65)
    const [first] = result.gains
    expect(carriers.has(first?.column ?? '')).toBe(true)
    const rival = result.gains.find(({ column }) => !carriers.has(column))
    expect((first?.gain ?? 0) / (rival?.gain ?? 1)).toBeGreaterThan(3)
    expect(carriedShare(result)).toBeGreaterThan(0.4)
  })

  test.each(['stage_a', 'stage_b'] as const)(
    'with labels shuffled stays within 0.08 of AUC 0.5 (%s)',
    async (stage) => {
      const aucs: number[] = []
      for (const seed of [1, 2, 3]) aucs.push((await trainDirection(world, stage, seed)).auc)
      const mean = aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.08)
    },
  )
})
