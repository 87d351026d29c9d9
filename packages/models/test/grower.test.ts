import type { Outcome, RowValues } from '@breakwater/features'
import {
  createIndexGrower,
  type GrowerInput,
  type GrowingNeighbours,
  type IndexGrower,
  type KnownTouch,
} from '@breakwater/models'
import { describe, expect, test } from 'vitest'

const MINUTE_NS = 60_000_000_000n
const ANCHOR = '4min'

const OUTCOME: Outcome = { outcome: 'CHOP', numbers: {} as Outcome['numbers'] }
const row = (id: string, minute: number): RowValues => ({
  event_id: id,
  ts_ns: BigInt(minute) * MINUTE_NS,
  level_price: 500,
  direction: 'UP',
  date: '2024-03-12',
})
interface Given {
  readonly held: string[][]
  readonly index: GrowingNeighbours
}
const idOf = (each: RowValues): string => String(each['event_id'])
function recording(refuse: readonly string[] = []): Given {
  const held: string[][] = []
  return {
    held,
    index: {
      added: 0,
      query: () => ({ vote: { missing: 'none' }, summary: null }),
      add: (touches) => {
        const bad = touches.find((touch) => refuse.includes(idOf(touch.row)))
        if (bad !== undefined) throw new RangeError(`bad ${idOf(bad.row)}`)
        held.push(touches.map((touch) => idOf(touch.row)))
      },
      clear: () => {
        held.length = 0
      },
    },
  }
}
const at = (minute: number): bigint => BigInt(minute) * MINUTE_NS
const started = (index: GrowingNeighbours, live: GrowerInput['rows']): IndexGrower =>
  createIndexGrower({ rows: live, signals: { lookforward: 8 }, timeframe: ANCHOR, indexes: [index] })

describe('a grower', () => {
  test('waits for the end of the window, adds a touch once, and gives another index what it has', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    grower.confirm(row('b', 100))
    grower.confirm(row('a', 100))
    grower.confirm(row('a', 100))
    grower.learn(at(111))
    expect(held).toEqual([])
    live.version = 1
    grower.learn(at(112))
    expect(held).toEqual([['a', 'b']])
    grower.confirm(row('a', 100))
    live.version = 2
    grower.learn(at(113))
    expect(grower.counts).toMatchObject({ waiting: 0, resolved: 2, lost: 0 })
    const next = recording()
    grower.serve([next.index])
    expect(next.held).toEqual([['a', 'b']])
  })

  test('waits while the bars have not come, and gives up after an hour', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => null }
    const grower = started(index, live)
    grower.confirm(row('a', 100))
    for (const minute of [112, 130, 172, 173]) {
      live.version += 1
      grower.learn(at(minute))
    }
    expect(held).toEqual([])
    expect(grower.counts).toMatchObject({ waiting: 0, resolved: 0, lost: 1 })
  })

  test('takes back what was known after the time that the clock goes back to', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    for (const [i, minute] of [100, 105].entries()) grower.confirm(row(`touch ${i}`, minute))
    live.version = 1
    grower.learn(at(120))
    expect(held).toEqual([['touch 0', 'touch 1']])
    live.version = 2
    grower.learn(at(113))
    expect(held).toEqual([['touch 0']])
    expect(grower.counts).toMatchObject({ waiting: 0, resolved: 1 })
  })

  test('goes on without a touch that an index refuses', () => {
    const { held, index } = recording(['bad'])
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    for (const id of ['a', 'bad', 'c']) grower.confirm(row(id, 100))
    live.version = 1
    grower.learn(at(112))
    expect(held).toEqual([['a'], ['c']])
    expect(grower.counts).toMatchObject({ resolved: 3, refused: 1, lastRefusal: 'bad bad' })
  })
})

const known = (id: string, minute: number, knownMinute: number): KnownTouch => ({
  row: row(id, minute),
  outcome: OUTCOME,
  knownNs: at(knownMinute),
})

describe('a grower that goes on from what another held', () => {
  test('adds a touch when the time at which its outcome was known has come again, never before', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    grower.learn(at(113))
    grower.restore({ waiting: [], known: [known('b', 101, 115), known('a', 100, 113), known('c', 99, 120)] })
    expect(held).toEqual([['a']])
    grower.learn(at(114))
    expect(held).toEqual([['a']])
    grower.learn(at(115))
    expect(held).toEqual([['a'], ['b']])
    // It is in its place, before those whose window ended later.
    grower.learn(at(120))
    expect(held).toEqual([['c', 'a', 'b']])
  })

  test('waits on for the outcomes that the other waited for, and takes no touch twice', () => {
    const { held, index } = recording()
    const live = { version: 0, outcome: (): Outcome | null => OUTCOME }
    const grower = started(index, live)
    grower.learn(at(105))
    grower.restore({ waiting: [row('a', 100)], known: [known('b', 80, 92)] })
    grower.confirm(row('a', 100))
    grower.confirm(row('b', 80))
    expect(grower.counts).toMatchObject({ waiting: 1, resolved: 1 })
    live.version = 1
    grower.learn(at(112))
    expect(held).toEqual([['b'], ['a']])
    expect(grower.state).toEqual({
      waiting: [],
      known: [
        { ...known('b', 80, 92), resolvedNs: at(92) },
        { ...known('a', 100, 112), resolvedNs: at(112) },
      ],
    })
  })

  test('takes back what was known later than the time that the clock goes back to', () => {
    const { held, index } = recording()
    const grower = started(index, { version: 0, outcome: () => null })
    grower.learn(at(110))
    grower.restore({ waiting: [row('w', 109)], known: [known('a', 80, 92), known('b', 100, 130)] })
    grower.learn(at(91))
    grower.learn(at(140))
    expect(held.flat()).toEqual([])
    expect(grower.state).toEqual({ waiting: [], known: [] })
  })
})
