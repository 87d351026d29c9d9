import { ACCEPTABLE_RULES, BAR_RULE_NAMES, BAR_RULES, newYorkCalendar } from '@breakwater/features'
import { inspectBars, readBars } from '@breakwater/features/parquet'
import type { ReadBarsOptions } from '@breakwater/features/parquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { barFolder, changed, merged, scaled } from './bar-files.ts'
import type { BarFolder } from './bar-files.ts'
import { at, rowsOf, walk } from './synthetic-bars.ts'
import type { BarRow } from './synthetic-bars.ts'

const MINUTE_NS = 60_000_000_000n
/** Around the clock change of 2024-11-03 and with the half day after Thanksgiving. */
const DATES = ['2024-10-31', '2024-11-01', '2024-11-04', '2024-11-05', '2024-11-06', '2024-11-29']
const EXTENDED = rowsOf(walk({ dates: DATES, seed: 3 }))
const calendar = newYorkCalendar()

const isRegular = ([ts]: BarRow): boolean => {
  const session = calendar.sessionOf(calendar.dateOf(ts))
  return session !== null && ts >= session.openNs && ts < session.closeNs
}
const REGULAR = rowsOf(walk({ dates: DATES, seed: 4, absent: 0, preMarketMinutes: 0 })).filter(isRegular)
const dateOf = ([ts]: BarRow): string => calendar.dateOf(ts)
const indexOf = (rows: readonly BarRow[], date: string, time: string): number =>
  rows.findIndex(([ts]) => ts >= at(date, time))

const isWithin = ([ts]: BarRow, from: string, to: string): boolean =>
  ts >= at('2024-11-05', from) && ts < at('2024-11-05', to)

let folder: BarFolder
beforeAll(() => {
  folder = barFolder()
})
afterAll(() => {
  folder.remove()
})

async function refusal(path: string | string[], options: ReadBarsOptions = {}): Promise<string> {
  return readBars(path, options).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

/** The refusal of rows in a file without its place, and the line that it names. */
async function refused(rows: readonly BarRow[], options: ReadBarsOptions = {}): Promise<[number, string]> {
  const path = folder.write(rows)
  const message = await refusal(path, options)
  const [, line = '', rest = message] = new RegExp(`^features: bars=${path}:(\\d+): (.*)$`).exec(message) ?? []
  return [Number(line), rest]
}

test('clean bars pass: pre-market, a clock change, a half day, absent minutes and sessions', async () => {
  expect(await refused(EXTENDED)).toEqual([0, 'accepted'])
  expect(await refused(REGULAR)).toEqual([0, 'accepted'])
  const { findings } = await inspectBars(folder.write(REGULAR))
  expect(findings.map(({ rule, verdict, count, reason }) => [rule, verdict, count, reason])).toEqual([
    ['missing-sessions', 'note', 15, 'the session of 2024-11-07 has no bar'],
  ])
})

describe('what the times say', () => {
  test('bars of five minutes', async () => {
    const rows = merged(REGULAR, 5)
    expect(await refused(rows)).toEqual([
      2,
      'the bars of 2024-10-31 are 5 minutes apart; one-minute bars are needed; 6 sessions like it (rule bar-size). ' +
        'Correct the data, or accept it with --accept bar-size.',
    ])
    expect(await refused(rows, { accept: ['bar-size'] })).toEqual([0, 'accepted'])
    expect((await refused(merged(REGULAR, 60)))[1]).toContain('are 60 minutes apart')
  })

  test('stamps at the end of the bar', async () => {
    const rows = REGULAR.map(([ts, ...values]): BarRow => [ts + MINUTE_NS, ...values])
    expect(await refused(rows)).toEqual([
      2,
      'the session of 2024-10-31 opens and closes a minute late: the stamps mark the ends of the bars, not their starts; ' +
        '5 sessions like it (rule end-stamps). Repair it with --stamps end, or accept it with --accept end-stamps.',
    ])
    const { bars, report } = await readBars(folder.write(rows), { stamps: 'end' })
    expect(rowsOf(bars)).toEqual(REGULAR)
    expect(report.repairs).toEqual({ dropped: 0, sorted: 0, duplicates: 0, widened: 0, shifted: REGULAR.length })
    expect(await refused(rows, { accept: ['end-stamps'] })).toEqual([0, 'accepted'])
  })

  test('stamps at the end of the bar, seen by where the volume of the open is', async () => {
    const rows = EXTENDED.map(([ts, o, h, l, c, v]): BarRow => {
      const isOpen = calendar.sessionOf(calendar.dateOf(ts))?.openNs === ts
      return [ts + MINUTE_NS, o, h, l, c, isOpen ? 100_000 : v]
    })
    expect((await refused(rows))[1]).toContain('(rule end-stamps). Repair it with --stamps end')
    const shifted = rows.map(([ts, ...values]): BarRow => [ts - MINUTE_NS, ...values])
    expect(await refused(shifted)).toEqual([0, 'accepted'])
  })

  test('a zone without the clock change', async () => {
    const rows = REGULAR.map(([ts, ...values]): BarRow =>
      ts < at('2024-11-04', '00:00') ? [ts, ...values] : [ts - 60n * MINUTE_NS, ...values],
    )
    const [line, reason] = await refused(rows)
    expect(line).toBe(indexOf(REGULAR, '2024-11-04', '09:30') + 2)
    expect(reason).toBe(
      'the session of 2024-11-04 begins 60 minutes before the open in New York: the time zone or a clock change is wrong; ' +
        '3 sessions like it (rule session-hours). Correct the data, or accept it with --accept session-hours.',
    )
    expect(await refused(rows, { accept: ['session-hours', 'gaps'] })).toEqual([0, 'accepted'])
  })

  test('every third minute absent', async () => {
    const rows = REGULAR.filter((_, i) => i % 3 !== 1)
    expect(await refused(rows)).toEqual([
      3,
      'the session of 2024-10-31 lacks 130 of its 390 minutes; 6 sessions like it (rule gaps). ' +
        'Correct the data, or accept it with --accept gaps.',
    ])
    expect(await refused(rows, { accept: ['gaps'] })).toEqual([0, 'accepted'])
  })

  test('half a day absent in the middle, but not at its end', async () => {
    const hole = REGULAR.filter((row) => !isWithin(row, '11:00', '14:00'))
    expect((await refused(hole))[1]).toContain('the session of 2024-11-05 lacks 180 of its 390 minutes; 1 session')
    expect(await refused(REGULAR.filter((row) => !isWithin(row, '12:00', '16:00')))).toEqual([0, 'accepted'])
  })
})

describe('what the prices say', () => {
  test('whole cents', async () => {
    const rows = REGULAR.map((row) => scaled(row, 100))
    expect(await refused(rows)).toEqual([
      2,
      `all prices are whole numbers, such as ${rows[0]?.[4]}: they may be cents; 1 file like it (rule whole-prices). ` +
        'Repair it with --price-unit cents, or accept it with --accept whole-prices.',
    ])
    const { bars, report } = await readBars(folder.write(rows), { priceUnit: 'cents' })
    expect(rowsOf(bars)).toEqual(REGULAR)
    expect(report.repairs.fromCents).toBe(rows.length)
    expect(await refused(rows, { accept: ['whole-prices'] })).toEqual([0, 'accepted'])
  })

  test('one bar times a hundred', async () => {
    const index = indexOf(REGULAR, '2024-11-05', '11:00')
    const rows = changed(REGULAR, index, (row) => scaled(row, 100))
    const [, o, h, l, c] = rows[index] ?? []
    expect(await refused(rows)).toEqual([
      index + 2,
      `open, high, low, close ${o}, ${h}, ${l}, ${c} are far from the bars before and after; 1 bar like it (rule bad-bar). ` +
        'Repair it with --repair, or accept it with --accept bad-bar.',
    ])
    const { bars, report } = await readBars(folder.write(rows), { repair: true })
    expect(rowsOf(bars)).toEqual(REGULAR.filter((_, i) => i !== index))
    expect(report).toMatchObject({ rowsOut: rows.length - 1, repairs: { implausible: 1 } })
    expect(await refused(rows, { accept: ['bad-bar'] })).toEqual([0, 'accepted'])
  })

  test.each([
    ['the first bar', 0],
    ['the last bar', REGULAR.length - 1],
    ['the first bar of a session', indexOf(REGULAR, '2024-11-05', '09:30')],
    ['the last bar of a session', indexOf(REGULAR, '2024-11-05', '09:30') - 1],
  ])('%s times a hundred', async (_, index) => {
    const rows = changed(REGULAR, index, (row) => scaled(row, 100))
    const [line, reason] = await refused(rows)
    expect([line, reason.includes('1 bar like it (rule bad-bar)')]).toEqual([index + 2, true])
    expect(reason).not.toContain('Broken besides')
  })

  test('a low of a cent, and a false wick of 3%', async () => {
    const [first, second] = [indexOf(EXTENDED, '2024-11-01', '10:00'), indexOf(EXTENDED, '2024-11-05', '15:00')]
    const low = changed(EXTENDED, first, ([ts, o, h, , c, v]) => [ts, o, h, 0.01, c, v])
    const rows = changed(low, second, ([ts, o, , l, c, v]) => [ts, o, Math.max(o, c) * 1.03, l, c, v])
    expect(await refused(rows)).toEqual([
      first + 2,
      `high ${rows[first]?.[2]} or low 0.01 is far from open, close and the neighbouring bars; 2 bars like it (rule wick). ` +
        'Repair it with --repair, or accept it with --accept wick.',
    ])
    const { bars, report } = await readBars(folder.write(rows), { repair: true })
    const [, o = 0, , , c = 0] = EXTENDED[first] ?? []
    expect([bars.rows, bars.high[first], bars.low[first]]).toEqual([rows.length, Math.max(o, c), Math.min(o, c)])
    expect(report.repairs).toEqual({ dropped: 0, sorted: 0, duplicates: 0, widened: 0, clipped: 2 })
    expect(await refused(rows, { accept: ['wick'] })).toEqual([0, 'accepted'])
  })

  test('a split of 4 to 1 overnight and inside a session', async () => {
    for (const time of ['09:30', '12:00']) {
      const index = indexOf(REGULAR, '2024-11-05', time)
      const rows = REGULAR.map((row, i) => (i < index ? row : scaled(row, 0.25)))
      const [line, reason] = await refused(rows)
      expect(line).toBe(index + 2)
      expect(reason).toMatch(
        /^prices become 0.2[45]\d* times what they were \(a split of 4 to 1\); 1 place like it \(rule unit-change\)\./,
      )
      expect(reason).toContain('Repair it with --adjust, or accept it with --accept unit-change.')
      const { bars, report } = await readBars(folder.write(rows), { adjust: true })
      expect(report.repairs.adjusted).toBe(index)
      expect([bars.close[index - 1], bars.volume[index - 1]]).toEqual([
        (REGULAR[index - 1]?.[4] ?? 0) / 4,
        (REGULAR[index - 1]?.[5] ?? 0) * 4,
      ])
      expect(await refused(rows, { accept: ['unit-change'] })).toEqual([0, 'accepted'])
    }
  })

  test('a day in cents among dollars', async () => {
    const rows = REGULAR.map((row) => (dateOf(row) === '2024-11-05' ? scaled(row, 100) : row))
    const [line, reason] = await refused(rows)
    expect([line, reason.includes('(cents after dollars); 2 places like it (rule unit-change)')]).toEqual([
      indexOf(REGULAR, '2024-11-05', '09:30') + 2,
      true,
    ])
    const { bars, report } = await readBars(folder.write(rows), { adjust: true })
    expect(rowsOf(bars)).toEqual(REGULAR)
    expect(report.repairs.adjusted).toBe(390)
  })

  test('a change that no split makes is adjusted by nobody', async () => {
    const index = indexOf(REGULAR, '2024-11-05', '12:00')
    const rows = REGULAR.map((row, i) => (i < index ? row : scaled(row, 0.62)))
    expect((await refused(rows, { adjust: true }))[1]).toContain('(not a common split or unit); 1 place like it')
  })

  test('a volume of 1e308', async () => {
    const rows = changed(REGULAR, 7, ([ts, o, h, l, c]) => [ts, o, h, l, c, 1e308])
    expect(await refused(rows)).toEqual([
      9,
      'a volume of 1e+308 shares in one minute; 1 bar like it (rule huge-volume). ' +
        'Repair it with --repair, or accept it with --accept huge-volume.',
    ])
    expect(await refused(rows, { repair: true })).toEqual([0, 'accepted'])
    expect(await refused(rows, { accept: ['huge-volume'] })).toEqual([0, 'accepted'])
  })
})

describe('sessions twice', () => {
  test('in two files that overlap', async () => {
    const path = folder.write(REGULAR)
    const again = folder.write(REGULAR.filter((row) => dateOf(row) === '2024-11-05'))
    const message = await refusal([path, again])
    expect(message).toContain(
      'time 2024-11-05T14:30:00Z comes after 2024-11-29T17:59:00Z; 390 rows are wrong (rule order)',
    )
    expect(message).toContain('Correct the data, or repair it with --repair.')
    const { bars, report } = await readBars([path, again], { repair: true })
    expect(rowsOf(bars)).toEqual(REGULAR)
    expect(report.repairs).toMatchObject({ sorted: 390, duplicates: 390 })
  })

  test('under another date', async () => {
    const days = BigInt(24 * 60) * MINUTE_NS
    const copy = REGULAR.filter((row) => dateOf(row) === '2024-11-05').map(([ts, ...v]): BarRow => [
      ts + 2n * days,
      ...v,
    ])
    const rows = [...REGULAR.filter((row) => dateOf(row) < '2024-11-07'), ...copy]
    expect(await refused(rows)).toEqual([
      indexOf(rows, '2024-11-07', '09:30') + 2,
      'the session of 2024-11-07 has the same prices as 2024-11-05, minute by minute; 1 session like it (rule duplicate-session). ' +
        'Repair it with --repair, or accept it with --accept duplicate-session.',
    ])
    const { report } = await readBars(folder.write(rows), { repair: true })
    expect(report.repairs).toEqual({ dropped: 0, sorted: 0, duplicates: 0, widened: 0, copied: 390 })
    expect(await refused(rows, { accept: ['duplicate-session'] })).toEqual([0, 'accepted'])
  })
})

test('the table of rules names each once, with a limit, and only a note cannot be accepted', () => {
  expect(BAR_RULES.map(({ name }) => name)).toEqual(BAR_RULE_NAMES)
  expect(BAR_RULES.map(({ name }) => name).filter((name) => !ACCEPTABLE_RULES.includes(name))).toEqual([
    'missing-sessions',
  ])
})

test('an abort ends the reading between chunks', async () => {
  const path = folder.write(REGULAR)
  const stop = new AbortController()
  stop.abort(new Error('stopped by the user'))
  await expect(readBars(path, { signal: stop.signal })).rejects.toThrow('stopped by the user')
})
