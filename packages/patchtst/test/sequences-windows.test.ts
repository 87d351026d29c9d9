import { planWindows, windowMasks, windowValues } from '@breakwater/patchtst'
import type { BarChannels } from '@breakwater/patchtst'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleChannels } from './sample-sequences.ts'

const NS = 1_000_000_000n
const all = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i)

function windowsOf(
  channels: BarChannels,
  known: BigInt64Array,
  length: number,
): { readonly x: Float32Array; readonly mask: Uint8Array } {
  const plan = planWindows(channels, known, length)
  const chosen = all(known.length)
  return { x: windowValues(channels, plan, chosen), mask: windowMasks(channels, plan, chosen) }
}

/** The same by filtering all bars for each touch. */
function naive(channels: BarChannels, known: bigint, length: number): { x: number[]; mask: number[] } {
  const rows = Array.from({ length: channels.rows }, (_, row) => row)
  const past = rows.filter((row) => (channels.completeNs[row] ?? 0n) <= known)
  const session = channels.sessions[past.at(-1) ?? -1]
  const seen = past.filter((row) => channels.sessions[row] === session).slice(-length)
  const padded = [...Array.from({ length: length - seen.length }, () => -1), ...seen]
  const values = (row: number): number[] => channels.values.map((channel) => channel[row] ?? Number.NaN)
  const whole = (row: number): boolean => values(row).every((value) => Number.isFinite(value))
  return {
    x: padded.flatMap((row) => (whole(row) ? values(row).map(Math.fround) : channels.values.map(() => 0))),
    mask: padded.map((row) => Number(whole(row))),
  }
}

const knowns = fc.array(fc.integer({ min: 0, max: 3 * 86_400 }), { minLength: 1, maxLength: 12 })
const times = (seconds: readonly number[]): BigInt64Array => BigInt64Array.from(seconds, (s) => BigInt(s) * NS)

describe('windows of bars before a touch', () => {
  test('are those that filtering all bars gives', () => {
    fc.assert(
      fc.property(fc.integer(), knowns, fc.integer({ min: 1, max: 20 }), (seed, seconds, length) => {
        // Touches fall early in each session, so that windows begin before it too.
        const channels = sampleChannels(seed, [30, 12, 25])
        const known = times(seconds.map((s) => Math.floor(s / 86_400) * 86_400 + (s % 2400)))
        const { x, mask } = windowsOf(channels, known, length)
        const each = Array.from(known, (at) => naive(channels, at, length))
        expect([...x]).toEqual(each.flatMap((window) => window.x))
        expect([...mask]).toEqual(each.flatMap((window) => window.mask))
      }),
      { numRuns: 100 },
    )
  })

  test('hold no bar that was not complete: without the later bars the bits are the same', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 60, max: 1500 }), (seed, seconds) => {
        const channels = sampleChannels(seed, [30])
        const known = times([seconds])
        const rows = channels.completeNs.findIndex((at) => at > (known[0] ?? 0n))
        const kept = rows === -1 ? channels.rows : rows
        const past: BarChannels = {
          ...channels,
          rows: kept,
          completeNs: channels.completeNs.slice(0, kept),
          sessions: channels.sessions.slice(0, kept),
          values: channels.values.map((channel) => channel.slice(0, kept)),
        }
        const [full, cut] = [windowsOf(channels, known, 16), windowsOf(past, known, 16)]
        expect(new Uint8Array(cut.x.buffer)).toEqual(new Uint8Array(full.x.buffer))
        expect(cut.mask).toEqual(full.mask)
      }),
    )
  })

  test('end with the bar that ends at the very moment of the touch, and not with one a nanosecond later', () => {
    const channels: BarChannels = {
      rows: 3,
      completeNs: BigInt64Array.of(60n * NS, 120n * NS, 180n * NS),
      sessions: Int32Array.of(0, 0, 0),
      names: ['close'],
      values: [Float64Array.of(1, 2, 3)],
    }
    const { x, mask } = windowsOf(channels, BigInt64Array.of(120n * NS, 180n * NS - 1n, 59n * NS), 2)
    expect([...x]).toEqual([1, 2, 1, 2, 0, 0])
    expect([...mask]).toEqual([1, 1, 1, 1, 0, 0])
  })

  test('say how many bars they observe, so that a touch with none can be left out', () => {
    const channels: BarChannels = {
      rows: 3,
      completeNs: BigInt64Array.of(1n, 2n, 3n),
      sessions: Int32Array.of(0, 0, 1),
      names: ['close', 'sma'],
      values: [Float64Array.of(1, 2, 3), Float64Array.of(Number.NaN, 5, Number.NaN)],
    }
    const plan = planWindows(channels, BigInt64Array.of(0n, 1n, 2n, 3n), 2)
    expect([...plan.observed]).toEqual([0, 0, 1, 0])
  })

  test('channels that do not fit together, times that do not rise and a length of none are refused', () => {
    const channels = sampleChannels(1, [10])
    const short = { ...channels, values: channels.values.slice(0, 1) }
    expect(() => planWindows(short, new BigInt64Array(1), 5)).toThrow('patchtst: channels: 2 names, 1 channels of')
    const twice = { ...channels, completeNs: channels.completeNs.map(() => 7n) }
    expect(() => planWindows(twice, new BigInt64Array(1), 5)).toThrow('completeNs[1]=7: must rise strictly')
    expect(() => planWindows(channels, new BigInt64Array(1), 0)).toThrow('length=0: must be a whole number of bars')
  })
})
