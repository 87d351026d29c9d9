import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { newYorkCalendar } from '@breakwater/features'
import { readBars } from '@breakwater/features/parquet'
import { describe, expect, test } from 'vitest'

const DATA = join(import.meta.dirname, '../../../../shared/data')

const calendar = newYorkCalendar()

function daysOf(first: string, last: string): string[] {
  const days: string[] = []
  for (let ms = Date.parse(first); ms <= Date.parse(last); ms += 86_400_000) {
    days.push(new Date(ms).toISOString().slice(0, 10))
  }
  return days
}

const isWeekday = (date: string): boolean => ![0, 6].includes(new Date(date).getUTCDay())
const closedWeekdays = (year: number): string[] =>
  daysOf(`${year}-01-01`, `${year}-12-31`).filter((date) => isWeekday(date) && calendar.sessionOf(date) === null)
const halfDays = (year: number): string[] =>
  daysOf(`${year}-01-01`, `${year}-12-31`).filter((date) => calendar.sessionOf(date)?.half === true)

/** Published by the exchange. */
const CLOSED: Readonly<Record<number, string>> = {
  2012: '01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25',
  2015: '01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25',
  2018: '01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25',
  2021: '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24',
  2022: '01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26',
  2023: '01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25',
  2024: '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25',
  2025: '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25',
  2026: '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25',
}
const HALF: Readonly<Record<number, string>> = {
  2013: '07-03 11-29 12-24',
  2015: '11-27 12-24',
  2016: '11-25',
  2020: '11-27 12-24',
  2021: '11-26',
  2023: '07-03 11-24',
  2024: '07-03 11-29 12-24',
  2025: '07-03 11-28 12-24',
  2026: '11-27 12-24',
}
const inYear = (year: string, days: string): string[] => days.split(' ').map((day) => `${year}-${day}`)

const iso = (ns: bigint | undefined): string => new Date(Number((ns ?? 0n) / 1_000_000n)).toISOString()
const dateAt = (text: string): string => calendar.dateOf(BigInt(Date.parse(text)) * 1_000_000n)

describe('the New York calendar', () => {
  test.each(Object.entries(CLOSED))('knows the closed weekdays of %s', (year, days) => {
    expect(closedWeekdays(Number(year))).toEqual(inYear(year, days))
  })

  test.each(Object.entries(HALF))('knows the half days of %s', (year, days) => {
    expect(halfDays(Number(year))).toEqual(inYear(year, days))
  })

  test('opens at 09:30 and closes at 16:00 New York, in winter and in summer', () => {
    const winter = calendar.sessionOf('2024-03-08')
    const summer = calendar.sessionOf('2024-03-11')
    expect([winter?.preOpenNs, winter?.openNs, winter?.closeNs, winter?.afterCloseNs].map(iso)).toEqual([
      '2024-03-08T09:00:00.000Z',
      '2024-03-08T14:30:00.000Z',
      '2024-03-08T21:00:00.000Z',
      '2024-03-09T01:00:00.000Z',
    ])
    expect([summer?.openNs, summer?.closeNs].map(iso)).toEqual(['2024-03-11T13:30:00.000Z', '2024-03-11T20:00:00.000Z'])
    expect(iso(calendar.sessionOf('2024-11-29')?.closeNs)).toBe('2024-11-29T18:00:00.000Z')
  })

  test('dates a time by the New York day, on both sides of both clock changes', () => {
    expect(dateAt('2024-03-10T04:59:59Z')).toBe('2024-03-09')
    expect(dateAt('2024-03-10T05:00:00Z')).toBe('2024-03-10')
    expect(dateAt('2024-03-11T03:59:59Z')).toBe('2024-03-10')
    expect(dateAt('2024-03-11T04:00:00Z')).toBe('2024-03-11')
    expect(dateAt('2024-11-04T04:59:59Z')).toBe('2024-11-03')
    expect(dateAt('2024-11-04T05:00:00Z')).toBe('2024-11-04')
  })

  test('finds the session before a date, over weekends and holidays', () => {
    expect(calendar.previousSession('2024-02-20').date).toBe('2024-02-16')
    expect(calendar.previousSession('2025-01-10').date).toBe('2025-01-08')
  })

  test('takes further closures and half days as options', () => {
    const own = newYorkCalendar({ closures: ['2030-05-06'], halfDays: ['2030-05-07'] })
    expect(own.sessionOf('2030-05-06')).toBeNull()
    expect(own.sessionOf('2030-05-07')).toMatchObject({ date: '2030-05-07', half: true })
    expect(own.previousSession('2030-05-07').date).toBe('2030-05-03')
  })

  test.each(['2024-2-20', '2024-02-30', 'today', ''])('refuses %j as a date', (text) => {
    const message = `=${JSON.stringify(text)}: not a date. Write it as YYYY-MM-DD, for example 2024-02-20.`
    expect(() => calendar.sessionOf(text)).toThrow(`features: date${message}`)
    expect(() => newYorkCalendar({ closures: [text] })).toThrow(`features: calendar.closures${message}`)
  })

  test.skipIf(!existsSync(DATA)).each([
    ['spy_1m_ext_2024/SPY_1min.csv', 63],
    ['spy_1m_rth_2024_2025/SPY_1m.parquet', 256],
  ])('has the same sessions as the real bars of %s (skipped where they are absent)', async (name, count) => {
    const { bars } = await readBars(join(DATA, name))
    const dates = [...new Set(Array.from(bars.ts, (ns) => calendar.dateOf(ns)))]
    const expected = daysOf(dates.at(0) ?? '', dates.at(-1) ?? '').filter((date) => calendar.sessionOf(date) !== null)
    expect(dates).toEqual(expected)
    expect(dates).toHaveLength(count)
  })
})
