import { readBars } from '@breakwater/features/parquet'
import type { ReadBarsOptions } from '@breakwater/features/parquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { barFolder, lineOf } from './bar-files.ts'
import type { BarFolder } from './bar-files.ts'
import { rowsOf, walk } from './synthetic-bars.ts'
import type { BarRow } from './synthetic-bars.ts'

const REGULAR = rowsOf(walk({ dates: ['2024-10-31', '2024-11-01'], seed: 4, absent: 0, preMarketMinutes: 0 }))

let folder: BarFolder
beforeAll(() => {
  folder = barFolder()
})
afterAll(() => {
  folder.remove()
})

async function refusal(path: string, options: ReadBarsOptions = {}): Promise<string> {
  return readBars(path, options).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

/** Lines without the volume. */
const priced = (rows: readonly BarRow[]): string[] => rows.map((row) => lineOf(row).split(',').slice(0, 5).join(','))

describe('nothing in', () => {
  const header = 'time,open,high,low,close,volume'
  test('a header alone, and rows of which none is left', async () => {
    const alone = folder.text(`${header}\n`)
    expect(await refusal(alone)).toBe(`features: bars=${alone}: has no bar. Give a file with rows below its header.`)
    const empty = folder.text(`${header}\n2024-11-05T14:30:00Z,,,,,\n2024-11-05T14:31:00Z,,,,,\n`)
    expect(await refusal(empty, { repair: true })).toBe(
      `features: bars=${empty}: has 2 rows, but no usable bar. Correct the data, or name other columns with --columns.`,
    )
  })
})

describe('columns', () => {
  test('without volume are refused with the way on, and read with NaN', async () => {
    const path = folder.text(['when,o,h,l,c', ...priced(REGULAR), ''].join('\n'))
    const columns = { time: 'when', open: 'o', high: 'h', low: 'l', close: 'c' }
    expect(await refusal(path, { columns })).toBe(
      `features: columns.volume: ${path} has no column volume, but when, o, h, l, c. ` +
        'Name the column: --columns volume=NAME, or go without VWAP: --columns volume=-.',
    )
    const { bars, report } = await readBars(path, { columns: { ...columns, volume: null } })
    expect([bars.rows, report.hasVolume, bars.volume.every(Number.isNaN)]).toEqual([REGULAR.length, false, true])
  })

  test.each([
    ['a short line', '2024-11-05T14:31:00Z,500,501,499', 4],
    ['a long line', '2024-11-05T14:31:00Z,500,501,499,500,1,9,9', 8],
  ])('ragged by %s blame the line', async (_, line, cells) => {
    const good = REGULAR.slice(0, 3).map(lineOf)
    for (const [position, lineNumber] of [
      [0, 2],
      [2, 4],
    ] as const) {
      const path = folder.text(['time,open,high,low,close,volume', ...good.toSpliced(position, 0, line), ''].join('\n'))
      expect(await refusal(path)).toBe(
        `features: bars=${path}:${lineNumber}: ${cells} cells where the header has 6 (rule ragged). Correct the line.`,
      )
    }
    const far = folder.text(
      [
        'time,open,high,low,close,volume',
        ...Array.from({ length: 30_000 }, () => lineOf(REGULAR[0] as BarRow)),
        line,
        '',
      ].join('\n'),
    )
    expect(await refusal(far)).toContain(`:30002: ${cells} cells where the header has 6 (rule ragged)`)
  })
})
