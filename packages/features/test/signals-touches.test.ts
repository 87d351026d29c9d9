import { buildSignals } from '@breakwater/features'
import type { OptionLevel } from '@breakwater/features'
import { describe, expect, test } from 'vitest'
import { minutesFrom, ofKind, signalsOf, still } from './signal-days.ts'
import { at, barsOf } from './synthetic-bars.ts'

const DAY = '2024-02-20'
const ids = (rows: readonly Readonly<Record<string, unknown>>[]): unknown[] => rows.map((row) => row['event_id'])

describe('levels', () => {
  test('exist only once they are known: pre-market at the open, opening range at 09:45', () => {
    const preMarket = minutesFrom(DAY, '09:00', [[500.5, 500.6, 500.4, 500.5]])
    const session = minutesFrom(
      DAY,
      '09:30',
      Array.from({ length: 17 }, (_, i) => [500.5, 500.55, 500.45, i % 2 === 0 ? 500.52 : 500.48]),
    )
    const { rows } = signalsOf([...preMarket, ...session])
    const firstMinute = (kind: string): unknown => ofKind(rows, kind)[0]?.['bars_since_open']
    expect(['PM_HIGH', 'PM_LOW', 'SESSION_HIGH', 'VWAP', 'OR_HIGH', 'OR_LOW'].map(firstMinute)).toEqual([
      0, 0, 1, 1, 15, 15,
    ])
    expect(ofKind(rows, 'PM_HIGH')[0]).toMatchObject({
      level_price: 500.6,
      level_kind: 0,
      dist_to_pm_low: 500.6 - 500.4,
    })
  })

  test('are missing without pre-market bars, and so are the distances to them', () => {
    const { rows, report } = signalsOf(
      minutesFrom(
        DAY,
        '09:30',
        Array.from({ length: 3 }, () => [500.1, 500.2, 499.9, 500.1]),
      ),
    )
    expect(ofKind(rows, 'PM_HIGH')).toEqual([])
    expect(rows[0]).toMatchObject({ dist_to_pm_high: Number.NaN, dist_to_pm_low_atr: Number.NaN })
    expect(report.levelsMissing).toEqual({
      sessionsWithoutPreMarket: 1,
      sessionsWithoutOpeningRange: 0,
      barsWithoutSma200: 3,
      barsWithoutSma400: 3,
      barsWithoutVwap: 1,
    })
  })

  test('of the session so far do not see the touch bar', () => {
    const { rows } = signalsOf(
      minutesFrom(DAY, '09:30', [
        [500.5, 500.6, 500.4, 500.5],
        [500.5, 500.8, 500.5, 500.55],
        [500.7, 500.8, 500.6, 500.7],
      ]),
    )
    expect(ofKind(rows, 'SESSION_HIGH').map((row) => row['level_price'])).toEqual([500.6, 500.8])
  })

  test('weigh the VWAP by volume over the regular session only', () => {
    const preMarket = minutesFrom(DAY, '09:29', [[400, 400, 400, 400, 1e6]])
    const session = minutesFrom(DAY, '09:30', [
      [500, 500.3, 499.7, 500, 3],
      [500.2, 500.6, 500, 500.3, 1],
      [500.1, 500.1, 500.1, 500.1, 1],
    ])
    const third = ofKind(signalsOf([...preMarket, ...session]).rows, 'VWAP').find((row) => row['bars_since_open'] === 2)
    expect(third?.['level_price']).toBeCloseTo((500 * 3 + 500.3) / 4, 10)
  })

  test('come from option data only when given: strikes, and the latest wall of each kind, from their time to the day end', () => {
    const optionLevels: OptionLevel[] = [
      { kind: 'CALL_WALL', price: 500.2, fromNs: at(DAY, '08:00') },
      { kind: 'CALL_WALL', price: 500.1, fromNs: at(DAY, '09:31') + 1n },
      { kind: 'STRIKE', price: 500.1, fromNs: at(DAY, '09:31') },
      { kind: 'STRIKE', price: 500.15, fromNs: at(DAY, '09:31') },
    ]
    const bars = [
      ...minutesFrom(DAY, '09:30', still(500.15, 3)),
      ...minutesFrom('2024-02-21', '09:30', still(500.15, 1)),
    ]
    const { rows } = signalsOf(bars, { optionLevels })
    const found = rows.filter(({ level_kind: kind }) => [9, 10].includes(Number(kind)))
    expect(found.map((row) => [row['bars_since_open'], row['level_kind_name'], row['level_price']])).toEqual([
      [0, 'CALL_WALL', 500.2],
      [1, 'STRIKE', 500.1],
      [1, 'CALL_WALL', 500.2],
      [2, 'STRIKE', 500.1],
      [2, 'CALL_WALL', 500.1],
    ])
  })

  test.each([
    [
      { kind: 'STRIKE', price: 500.123, fromNs: 0n },
      'optionLevels[0].price=500.123: must be a positive number of whole cents. Round it.',
    ],
    [
      { kind: 'PUT_WALL', price: Number.NaN, fromNs: 0n },
      'optionLevels[0].price=NaN: must be a positive number of whole cents. Round it.',
    ],
    [
      { kind: 'WALL', price: 500, fromNs: 0n },
      'optionLevels[0].kind="WALL": must be STRIKE, CALL_WALL or PUT_WALL. Correct it.',
    ],
  ])('from option data are checked: %o', (level, message) => {
    expect(() => signalsOf([], { optionLevels: [level as OptionLevel] })).toThrow(`features: ${message}`)
  })
})

const signOf = (bars: Parameters<typeof signalsOf>[0]): unknown =>
  signalsOf(bars).rows.findLast((row) => row['event_id'] === 'SPY-20240220-0930-ROUND-500.00')?.['direction_sign']

describe('a touch', () => {
  test('needs the range within ten cents and the close within twenty-five, both ends included', () => {
    const prices = [
      [500.5, 500.5, 500.5, 500.5],
      [500.35, 500.4, 500.1, 500.25],
      [500.35, 500.4, 500.11, 500.25],
      [500.35, 500.4, 500.1, 500.26],
      [499.8, 499.9, 499.7, 499.75],
      [499.8, 499.89, 499.7, 499.75],
      [499.8, 499.9, 499.7, 499.74],
    ] as const
    const { rows } = signalsOf(minutesFrom(DAY, '09:30', prices))
    expect(ids(ofKind(rows, 'ROUND'))).toEqual(['SPY-20240220-0931-ROUND-500.00', 'SPY-20240220-0934-ROUND-500.00'])
  })

  test('comes from the side of the last close before it that differs from the level, never from its own close', () => {
    const { rows } = signalsOf(
      minutesFrom(DAY, '09:30', [
        [499.5, 499.5, 499.5, 499.5],
        [499.6, 500, 499.6, 500],
        [500, 500.2, 500, 500.2],
      ]),
    )
    const round = ofKind(rows, 'ROUND').filter((row) => row['level_price'] === 500)
    expect(round.map((row) => [row['direction'], row['direction_sign'], row['distance_signed']])).toEqual([
      ['UP', 1, 0],
      ['UP', 1, 500 - 500.2],
    ])
  })

  test('at the open comes from the pre-market, else from the prior close, else from its own open', () => {
    const open = minutesFrom(DAY, '09:30', [[500.1, 500.1, 500, 500]])
    const preMarket = minutesFrom(DAY, '09:00', [[499.7, 499.7, 499.7, 499.7]])
    const before = minutesFrom('2024-02-16', '15:59', [[499.7, 499.7, 499.7, 499.7]])
    const older = minutesFrom('2024-02-15', '15:59', [[499.7, 499.7, 499.7, 499.7]])
    expect(signOf(open)).toBe(-1)
    expect(signOf([...preMarket, ...open])).toBe(1)
    expect(signOf([...before, ...open])).toBe(1)
    expect(signOf([...older, ...open])).toBe(-1)
  })

  test('without any side is left out and counted', () => {
    const { rows, report } = signalsOf(minutesFrom(DAY, '09:30', still(500, 1)))
    expect(rows).toEqual([])
    expect(report).toMatchObject({ touches: 0, noDirection: 1, sessions: 1 })
  })

  test('counts the earlier touches of its own level, and its place in a cluster of fifteen minutes', () => {
    const near = [500.3, 500.3, 500.05, 500.2] as const
    const far = still(500.5, 1)[0] ?? null
    const prices = [far, near, near, ...still(500.5, 14), near, ...still(500.5, 15), near]
    const round = ofKind(signalsOf(minutesFrom(DAY, '09:30', prices)).rows, 'ROUND')
    const columns = ['bars_since_open', 'prior_touches', 'attempt_index'] as const
    expect(round.map((row) => columns.map((name) => row[name]))).toEqual([
      [1, 0, 1],
      [2, 1, 2],
      [17, 2, 3],
      [33, 3, 1],
    ])
    const clusters = round.map((row) => Number(row['attempt_cluster_id']))
    expect(clusters.slice(0, 3)).toEqual([1, 1, 1])
    expect(clusters[3]).toBeGreaterThan(1)
  })

  test('starts a new cluster when the level has moved by more than ten cents', () => {
    const prices = [
      [500.5, 500.6, 500.4, 500.5],
      [500.5, 500.75, 500.5, 500.55],
      [500.7, 500.8, 500.6, 500.7],
    ] as const
    const highs = ofKind(signalsOf(minutesFrom(DAY, '09:30', prices)).rows, 'SESSION_HIGH')
    expect(highs.map((row) => [row['level_price'], row['prior_touches'], row['attempt_index']])).toEqual([
      [500.6, 0, 1],
      [500.75, 1, 1],
    ])
  })

  test('has one id of its own', () => {
    const { rows } = signalsOf(minutesFrom(DAY, '09:30', [[500.1, 500.4, 499.8, 500.1], ...still(500.03, 20)]), {
      symbol: 'QQQ',
    })
    expect(new Set(ids(rows)).size).toBe(rows.length)
    expect(ids(rows)).toContain('QQQ-20240220-0931-VWAP-500.10')
  })
})

describe('sessions', () => {
  test('hold only regular hours: half days end at 13:00, the 16:00 print and other hours are counted as ignored', () => {
    const bars = [
      ...minutesFrom('2024-11-27', '03:59', still(500.05, 1)),
      ...minutesFrom('2024-11-27', '15:59', still(500.05, 3)),
      ...minutesFrom('2024-11-29', '12:59', still(500.05, 3)),
      ...minutesFrom('2024-11-29', '16:00', still(500.05, 1)),
    ]
    const thanksgiving = barsOf([...bars, [at('2024-11-29', '13:00') + 86_400_000_000_000n, 1, 1, 1, 1, 1]])
    const { rows, report } = signalsOf(thanksgiving)
    expect(rows.map((row) => String(row['event_id']).slice(4, 17))).toEqual(['20241127-1559', '20241129-1259'])
    expect(report).toMatchObject({ sessions: 2, dates: ['2024-11-27', '2024-11-29'] })
    expect(report.bars).toEqual({
      preMarket: 0,
      regular: 2,
      ignored: { closedDay: 1, overnight: 1, afterClose: 3, afterHalfDayClose: 2 },
    })
  })

  test('give an empty table without bars', () => {
    const { table, report } = buildSignals(barsOf([]))
    expect(table.rows).toBe(0)
    expect(report).toMatchObject({ sessions: 0, touches: 0 })
  })

  test('need bars whose times are whole minutes in order', () => {
    const bars = barsOf([...minutesFrom(DAY, '09:31', still(500, 1)), ...minutesFrom(DAY, '09:30', still(500, 1))])
    expect(() => buildSignals(bars)).toThrow(
      `features: bars.ts[1]=${at(DAY, '09:30')}: times must be whole minutes and rise strictly. Pass the bars through validateBars.`,
    )
  })
})
