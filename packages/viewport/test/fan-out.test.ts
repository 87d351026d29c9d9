import { type FanOut, fanOut, type FanOutOptions, type Reader } from '@breakwater/viewport'
import { describe, expect, test } from 'vitest'

/** A fan-out whose later turns a test runs one by one. */
function stepped(options: Omit<FanOutOptions, 'later'> = {}): { out: FanOut; turn: () => boolean } {
  const turns: (() => void)[] = []
  const out = fanOut({ ...options, later: (callback) => turns.push(callback) })
  const turn = (): boolean => {
    const next = turns.shift()
    next?.()
    return next !== undefined
  }
  return { out, turn }
}

interface TestReader extends Reader {
  readonly got: string[]
  ready: boolean
}

function readerOf(ready = true): TestReader {
  const reader: TestReader = {
    got: [],
    ready,
    isReady: () => reader.ready,
    write: (json) => void reader.got.push(json),
    end: () => void reader.got.push('end'),
    cut: () => void reader.got.push('cut'),
  }
  return reader
}

describe('a fan-out', () => {
  test('makes no JSON while a payload is pushed, and one for all readers in a later turn', () => {
    const { out, turn } = stepped()
    const readers = [readerOf(), readerOf()]
    for (const reader of readers) out.join(reader)
    let made = 0
    out.push(() => `payload ${++made}`)
    expect([made, readers.map(({ got }) => got)]).toEqual([0, [[], []]])
    turn()
    expect([made, readers.map(({ got }) => got)]).toEqual([1, [['payload 1'], ['payload 1']]])
    expect(turn()).toBe(false)
  })

  test('writes to eight of 200 readers a turn, and those that wait get the newest', () => {
    const { out, turn } = stepped({ maxReaders: 200 })
    const readers = Array.from({ length: 200 }, () => readerOf())
    for (const reader of readers) out.join(reader)
    const written = (): number => readers.reduce((sum, { got }) => sum + got.length, 0)
    out.push(() => 'first')
    for (let i = 1; i <= 10; i++) {
      turn()
      expect(written()).toBe(8 * i)
    }
    out.push(() => 'second')
    while (turn());
    expect(readers.map(({ got }) => got.at(-1))).toEqual(readers.map(() => 'second'))
    expect(out.counts).toEqual({ sent: 280, skipped: 120, dropped: 0 })
  })

  test('gives a reader that joins the newest at once, and none after it has left', () => {
    const { out, turn } = stepped()
    const [early, late] = [readerOf(), readerOf()]
    const seat = out.join(early)
    out.push(() => 'first')
    turn()
    out.join(late)
    seat.leave()
    out.push(() => 'second')
    turn()
    expect([early.got, late.got]).toEqual([['first'], ['first', 'second']])
    out.close()
    expect([early.got.at(-1), late.got.at(-1), out.readers]).toEqual(['first', 'end', 0])
  })

  test('lets a slow reader miss payloads, and cuts off one that has stopped', () => {
    const { out, turn } = stepped({ maxSkipped: 3 })
    const [good, slow, stuck] = [readerOf(), readerOf(), readerOf(false)]
    for (const reader of [good, slow, stuck]) out.join(reader)
    for (let i = 0; i < 6; i++) {
      slow.ready = i % 3 === 0
      out.push(() => `${i}`)
      turn()
    }
    expect([good.got, slow.got, stuck.got]).toEqual([['0', '1', '2', '3', '4', '5'], ['0', '3'], ['cut']])
    expect([out.counts, out.readers]).toEqual([{ sent: 8, skipped: 8, dropped: 1 }, 2])
  })

  test('says when it is full', () => {
    const { out } = stepped({ maxReaders: 1 })
    const before = out.isFull
    out.join(readerOf())
    expect([before, out.isFull]).toEqual([false, true])
  })
})
