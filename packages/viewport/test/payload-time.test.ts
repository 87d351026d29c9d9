import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { integerOfNs, msOfNs, nsOfInteger, nsOfMs } from '@breakwater/viewport/payload'

test('a time of whole milliseconds survives JSON as an integer of nanoseconds, digit by digit', () => {
  assert(
    property(integer({ min: 1, max: 4_102_444_800_000 }), (ms) => {
      const text = JSON.stringify({ ts: integerOfNs(nsOfMs(ms)) })
      expect(text).toBe(`{"ts":${ms}000000}`)
      expect(nsOfInteger((JSON.parse(text) as { ts: number }).ts)).toBe(nsOfMs(ms))
      expect(msOfNs(nsOfMs(ms))).toBe(ms)
    }),
  )
})

test('finer digits are dropped, and null stays null', () => {
  expect(JSON.stringify(integerOfNs(1_767_364_200_250_123_456n))).toBe('1767364200250000000')
  expect(integerOfNs(null)).toBeNull()
})
