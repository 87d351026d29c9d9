import { barsTable, renderBarsPage } from '@breakwater/report'
import type { CheckedBars } from '@breakwater/report'
import { expect, test } from 'vitest'

const MINUTE_NS = 60_000_000_000n
const START = 1_730_381_400_000_000_000n

function checked(rows: number, low: (row: number) => number, findings: CheckedBars['findings'] = []): CheckedBars {
  const prices = (pick: (row: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => pick(row))
  return {
    accepted: findings.length === 0,
    files: ['<script>alert(1)</script>.csv'],
    rows,
    bars: {
      rows,
      ts: BigInt64Array.from({ length: rows }, (_, row) => START + BigInt(row) * MINUTE_NS),
      open: prices(() => 500),
      high: prices(() => 501),
      low: prices(low),
      close: prices(() => 500),
      volume: prices(() => 1),
    },
    firstDate: '2024-10-31',
    lastDate: '2024-10-31',
    hasVolume: false,
    repairs: { clipped: 2 },
    findings,
  }
}
const WICK = {
  rule: 'wick',
  place: 'a<b>.csv:7',
  count: 1,
  counts: 'bar',
  reason: 'high 501 or low 0.01 is far from open, close and the neighbouring bars',
  fix: 'Repair it with --repair, or accept it with --accept wick',
  verdict: 'refused',
  times: [START + 5n * MINUTE_NS],
} as const

test('the page of bars draws lows and highs, marks what was found, and escapes what was read', async () => {
  const page = await renderBarsPage(checked(2000, (row) => (row === 5 ? 0.01 : 499), [WICK]))
  expect(page).toContain('Refused: 1 rule is broken')
  expect(page).toContain('aria-label="Lows and highs of 2000 bars from 0.01 to 501. wick at 2024-10-31."')
  expect(page).toContain('wick: triangle')
  expect(page).toContain('a&lt;b&gt;.csv:7')
  expect(page).not.toContain('<script')
  expect(page).not.toMatch(/NaN|undefined|Infinity/)
  expect(page).toBe(await renderBarsPage(checked(2000, (row) => (row === 5 ? 0.01 : 499), [WICK])))
})

test('one bar and none are pages, too', async () => {
  expect(await renderBarsPage(checked(1, () => 499))).toContain('Nothing is marked.')
  const empty = await renderBarsPage({ ...checked(0, () => 499), accepted: false, firstDate: null, lastDate: null })
  expect(empty).toContain('Refused: no bar is left')
  expect(empty).not.toContain('<svg')
})

test('the text says the verdict first, then where, how many and what to do', () => {
  const { bars, ...rest } = checked(2000, () => 499, [WICK])
  expect(barsTable({ ...rest, bars: bars.rows, html: 'bars.html' })).toBe(
    [
      'Refused: 1 rule is broken.',
      '  2000 bars of 2000 rows, 2024-10-31 to 2024-10-31',
      '  no volume: VWAP and its touches will be absent',
      '  repaired: clipped 2',
      '',
      'rule  verdict  how many  first',
      'wick  refused  1 bar     a<b>.csv:7',
      '',
      'wick: high 501 or low 0.01 is far from open, close and the neighbouring bars. Repair it with --repair, or accept it with --accept wick.',
      '',
      'page: bars.html',
      '',
    ].join('\n'),
  )
})
