import type { Bars } from '@breakwater/features'
import { simulate } from '@breakwater/simulator'
import { expect, onTestFinished, test } from 'vitest'
import { rewriteLinks } from '#src/pages'
import { firstSentence } from '#src/llms'
import { fitDay } from '#playground/fit-day'
import { readCsv } from '#playground/read-csv'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

test('a simulated day is fitted on its first touches, and the law forecasts the later ones better than their base rates', () => {
  const day = fitDay(simulate({ seed: 7, sessions: 1 }).bars, () => 0)
  expect(day.touches.length).toBeGreaterThan(10)
  expect(day.lawLoss).toBeLessThan(day.baseLoss)
  for (const { sigma } of day.touches) expect(sigma).toBeGreaterThan(0)
}, 120_000)

test('bars of too few touches are refused in words', () => {
  const { bars } = simulate({ seed: 7, sessions: 1 })
  const rows = 60
  const first: Bars = {
    rows,
    ts: bars.ts.subarray(0, rows),
    open: bars.open.subarray(0, rows),
    high: bars.high.subarray(0, rows),
    low: bars.low.subarray(0, rows),
    close: bars.close.subarray(0, rows),
    volume: bars.volume.subarray(0, rows),
  }
  expect(() => fitDay(first, () => 0)).toThrow(/moments after touches; 150 are needed/)
})

test('CSV is read by the names of its columns, in either form of time', () => {
  const bars = readCsv(
    'volume,ts,open,high,low,close\n5,2024-10-28T09:30:00-04:00,1,3,0.5,2\n6,1730122260000000000,2,4,1.5,3\n',
  )
  expect(bars).toEqual({
    rows: 2,
    ts: BigInt64Array.of(1_730_122_200_000_000_000n, 1_730_122_260_000_000_000n),
    open: Float64Array.of(1, 2),
    high: Float64Array.of(3, 4),
    low: Float64Array.of(0.5, 1.5),
    close: Float64Array.of(2, 3),
    volume: Float64Array.of(5, 6),
  })
})

test.each([
  ['open,high,low,close\n1,1,1,1', 'Column ts is absent'],
  ['ts,open,high,low,close\n2024-10-28 09:30,1,1,1,1', 'Line 2: ts=2024-10-28 09:30: must be ISO 8601 with an offset'],
  ['ts,open,high,low,close\n2024-10-28T09:30Z,1,,1,1', 'Line 2: high=: must be a number'],
])('CSV that cannot be read is refused with its line: %j', (text, reason) => {
  expect(() => readCsv(text)).toThrow(reason)
})

test('links follow pages to their place in the site, others become text, and one that leads nowhere is an error', () => {
  const root = mkdtempSync(join(tmpdir(), 'site-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'packages', 'trees'), { recursive: true })
  writeFileSync(join(root, 'packages', 'trees', 'README.md'), '# Trees')
  writeFileSync(join(root, 'LICENSE'), '')
  const pages = new Set(['README.md', 'packages/trees/README.md'])
  const links = (text: string): string => rewriteLinks(text, 'README.md', root, pages)
  expect(links('[`trees`](packages/trees#use) and [licence](LICENSE)')).toBe(
    '[`trees`](./packages/trees/index.md#use) and licence',
  )
  expect(links('[out](https://example.org) [here](#there)')).toBe('[out](https://example.org) [here](#there)')
  expect(links('```\n[no](link)\n```')).toBe('```\n[no](link)\n```')
  expect(() => links('[gone](docs/gone.md)')).toThrow('site: README.md: docs/gone.md: leads nowhere')
})

test('the first sentence of a page is plain', () => {
  expect(firstSentence('# Law\n\nA [touch](touch.md) asks\nwhere price goes. Then more.')).toBe(
    'A touch asks where price goes.',
  )
})
