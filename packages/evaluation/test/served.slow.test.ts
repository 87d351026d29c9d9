import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PublishedHead, ServedEvaluation } from '@breakwater/evaluation'
import { evaluateServed, type ServedInput } from '@breakwater/evaluation/sets'
import type { Bars } from '@breakwater/features'
import { logLoss } from '@breakwater/calibration'
import { openAuditLog } from '@breakwater/monitor/node'
import { afterAll, describe, expect, test } from 'vitest'
import {
  ABOUT,
  bars,
  DATES,
  LEVEL,
  lineOf,
  MOMENTS,
  published,
  spotAt,
  target,
  targetV1,
  TICK_SECONDS,
  ticksOf,
  walk,
} from './served-sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'served-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function evaluated(
  lines: readonly string[],
  thresholds: readonly [number, number] = [0.3, 0.6],
  more: Pick<ServedInput, 'touchBand' | 'maxGapMinutes'> & { readonly bars?: Bars } = {},
): Promise<ServedEvaluation> {
  const path = join(folder, `${files++}.jsonl`)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return evaluateServed({ ...ABOUT, path, thresholds, ...more })
}

/** Whether price is `dollars` beyond the level in one of the minutes after a moment; null where that cannot be asked. */
function brokeWithin(row: number, minutes: number, dollars: number): number | null {
  if ((row % 390) + minutes > 390 || spotAt(row) - LEVEL >= dollars - 1e-9) return null
  return Number(bars.high.subarray(row, row + minutes).some((high) => high - LEVEL >= dollars - 1e-9))
}

const headOf = ({ heads }: ServedEvaluation, name: string): PublishedHead => {
  const head = heads.find((each) => each.name === name)
  if (head === undefined) throw new Error(`${name} was scored`)
  return head
}

/** Share of the moments whose next minute comes within so many dollars of the level. */
const touchedWithin = (band: number): number =>
  MOMENTS.filter((row) => (bars.high[row] as number) - LEVEL >= -band - 1e-9).length / MOMENTS.length

/** Bars without those of rows [from, to). */
function withoutRows({ rows, ts, open, high, low, close, volume }: Bars, from: number, to: number): Bars {
  const isKept = (_: unknown, row: number): boolean => row < from || row >= to
  const [o, h, l, c, v] = [open, high, low, close, volume].map((values) => values.filter(isKept))
  if (!o || !h || !l || !c || !v) throw new Error('bars have five columns')
  return { rows: rows - (to - from), ts: ts.filter(isKept), open: o, high: h, low: l, close: c, volume: v }
}

/** Which stretch of five cents a price lies in. */
const stretch = (spot: number): number => Math.floor((spot - LEVEL) / 0.05)

describe('what was published', { timeout: 600_000 }, () => {
  test('is compared with what bars say of the window from the payload on', async () => {
    const all = await evaluated(published(() => 0.3))
    for (const [name, minutes, dollars] of [
      ['t1_break_300s', 5, 0.3],
      ['t2_break_60s', 1, 0.6],
    ] as const) {
      const outcomes = MOMENTS.flatMap((row) => brokeWithin(row, minutes, dollars) ?? [])
      const head = headOf(all, name)
      expect(head.rows).toBe(outcomes.length)
      expect(head.mean_outcome).toBeCloseTo(outcomes.reduce((sum, y) => sum + y, 0) / outcomes.length, 12)
      expect(head.loss.estimate).toBeCloseTo(
        logLoss(
          outcomes.map(() => 0.3),
          outcomes,
        ),
        12,
      )
    }
    expect(all.payloads).toEqual({
      read: MOMENTS.length,
      scored: MOMENTS.length,
      refused: 0,
      versions: { 2: MOMENTS.length },
    })
    expect(all.sessions).toEqual(DATES)
    expect(headOf(all, 't1_break_300s').masked['window incomplete']).toBe(4 * DATES.length)
  })

  test('is joint for break and bounce, and dollars for strength', async () => {
    const all = await evaluated(published(() => 0.3))
    const [tradeable, broke, back] = ['tradeable_2', 'p_break', 'p_bounce'].map((name) => headOf(all, name))
    if (tradeable === undefined || broke === undefined || back === undefined) throw new Error('all are scored')
    expect(broke.mean_prediction).toBeCloseTo(0.5 * 0.4, 12)
    expect(broke.rows).toBe(back.rows)
    // Where one minute reached both sides there is neither.
    expect(tradeable.rows - broke.rows).toBe(headOf(all, 'direction').masked['both sides in one minute'] ?? 0)
    expect(headOf(all, 'strength_signed')).toMatchObject({ task: 'regression', groups: null, cells: [], ece: null })
  })

  test('is judged by state and by where price stands: a number that is wrong on one side of the level is named', async () => {
    const all = await evaluated(published((spot) => (spot > LEVEL ? 0.02 : 0.5)))
    const { cells } = headOf(all, 't1_break_60s')
    const off = cells.filter(
      ({ rows, observed_rate, band }) => rows >= 200 && (observed_rate < band.low || observed_rate > band.high),
    )
    expect(off.map(({ state, from, to }) => [state, from, to])).toContainEqual(['CONFIRMATION', 0.15, 0.3])
    expect(cells.reduce((sum, { rows }) => sum + rows, 0)).toBe(headOf(all, 't1_break_60s').rows)
  })

  test('agrees within the band in nearly every cell where it is the rate of like moments of other walks', async () => {
    const sums = new Map<number, { hits: number; count: number }>()
    for (let seed = 100; seed < 130; seed++) {
      const other = walk(seed)
      for (const row of MOMENTS) {
        const [spot, high] = [other.close[row - 1] as number, other.high[row] as number]
        const sum = sums.get(stretch(spot)) ?? { hits: 0, count: 0 }
        sum.hits += Number(high - LEVEL >= 0.3 - 1e-9)
        sum.count += 1
        sums.set(stretch(spot), sum)
      }
    }
    const rate = (spot: number): number => {
      const { hits, count } = sums.get(stretch(spot)) ?? { hits: 0, count: 1 }
      return hits / count
    }
    const { cells, effective_rows, rows } = headOf(await evaluated(published(rate)), 't1_break_60s')
    const judged = cells.filter((cell) => cell.rows >= 200)
    const off = judged.filter(({ observed_rate, band }) => observed_rate < band.low || observed_rate > band.high)
    expect(judged.length).toBeGreaterThan(3)
    expect(off.length).toBeLessThanOrEqual(1)
    expect(effective_rows).toBeLessThanOrEqual(rows)
  })

  test('is left out where its answer was known, and where it is conditional on a touch that a bar alone tells of', async () => {
    const settled = await evaluated(
      published(
        () => 0.3,
        () => ({ settled: { t1_break_60s: 'over' } }),
      ),
    )
    expect(settled.heads.map(({ name }) => name)).not.toContain('t1_break_60s')
    const waiting = await evaluated(
      published(
        () => 0.3,
        () => ({ condition: 'given_touch', elapsed_s: null, touch_ts_ns: null, p_touch: { 60: 0.4, 300: 0.8 } }),
      ),
    )
    const touched = headOf(waiting, 'touch_60s')
    // A bar that comes to within ten cents of the level in the next minute.
    const outcomes = MOMENTS.map((row) => Number((bars.high[row] as number) - LEVEL >= -0.1 - 1e-9))
    expect(touched.mean_outcome).toBeCloseTo(outcomes.reduce((sum, y) => sum + y, 0) / touched.rows, 1)
    // Where price stood when a bar touched the level, nobody knows: nothing that hangs on it is compared.
    expect(waiting.heads.map(({ name }) => name)).toEqual(['touch_60s', 'touch_300s'])
  })

  test('is compared by the touch band and the gaps of the signals', async () => {
    const lines = published(
      () => 0.3,
      () => ({ condition: 'given_touch', elapsed_s: null, touch_ts_ns: null, p_touch: { 60: 0.4, 300: 0.8 } }),
    )
    for (const touchBand of [0.05, 0.1, 0.3]) {
      const { mean_outcome: mean } = headOf(await evaluated(lines, [0.3, 0.6], { touchBand }), 'touch_60s')
      expect(Math.abs(mean - touchedWithin(touchBand))).toBeLessThan(0.02)
    }
    expect(touchedWithin(0.3) - touchedWithin(0.1)).toBeGreaterThan(0.06)
    // Four minutes of the first session are absent: quiet where so many are, the end of the data where fewer are.
    const lacking = withoutRows(bars, 200, 204)
    const masked = async (maxGapMinutes: number): Promise<number> =>
      headOf(
        await evaluated(
          published(() => 0.3),
          [0.3, 0.6],
          { maxGapMinutes, bars: lacking },
        ),
        't1_break_300s',
      ).masked['window incomplete'] ?? 0
    expect((await masked(3)) - (await masked(4))).toBeGreaterThan(0)
  })

  test('is compared from the tick of the touch on where it is conditional on one', async () => {
    const given = {
      condition: 'given_touch',
      elapsed_s: null,
      touch_ts_ns: null,
      p_touch: { 60: 0.4, 300: 0.8 },
    } as const
    const lines = [...bars.ts.keys()].flatMap((row) =>
      ticksOf(row).map(({ tsNs, spot }, i) =>
        lineOf({ tsNs, spot, targets: i === 0 && row % 390 !== 0 ? [target(spot, 0.3, tsNs, given)] : [] }),
      ),
    )
    const head = headOf(await evaluated(lines), 't1_break_60s')
    // By ticks alone: from the first after the moment that is at the level, is price thirty cents beyond it within a minute?
    const perSession = (390 * 60) / TICK_SECONDS
    const moves = [...bars.ts.keys()].flatMap((row) => ticksOf(row).map(({ spot }) => spot - LEVEL))
    const outcomes = MOMENTS.flatMap((row) => {
      const at = (row * 60) / TICK_SECONDS
      const end = (Math.floor(row / 390) + 1) * perSession
      const last = Math.min(end, at + 1 + 480 / TICK_SECONDS)
      const touch = moves.slice(at + 1, last).findIndex((move) => move >= -0.1 - 1e-9)
      const from = at + 1 + touch
      if (touch < 0 || (moves[from] as number) >= 0.3 || from + 12 >= end) return []
      return Number(moves.slice(from, from + 60 / TICK_SECONDS + 1).some((move) => move >= 0.3 - 1e-9))
    })
    const mean = outcomes.reduce((sum, y) => sum + y, 0) / outcomes.length
    expect(mean).toBeGreaterThan(0.05)
    // Bars reach up to five cents farther than the ticks do, and where they alone do so the answer may be masked.
    expect(Math.abs((head.mean_outcome ?? 0) - mean)).toBeLessThan(0.06)
    expect(head.rows).toBeGreaterThan(0.8 * outcomes.length)
    expect(head.rows).toBeLessThanOrEqual(outcomes.length)
  })

  test('keeps twenty minutes of the touch with most to forecast', async () => {
    const short = 10
    const touched = (row: number): bigint =>
      bars.ts[row % 390 < 200 ? row - (row % short) : row - (row % 390) + 200] as bigint
    const rows = MOMENTS.filter((row) => row < 390)
    const lines = rows.map((row) => {
      const [tsNs, spot] = [bars.ts[row] as bigint, spotAt(row)]
      return lineOf({ tsNs, targets: [target(spot, 0.3, tsNs, { touch_ts_ns: Number(touched(row)) })] })
    })
    const { touch } = await evaluated(lines)
    expect(touch?.touched).toBe(new Date(Number((bars.ts[200] as bigint) / 1_000_000n)).toISOString())
    expect(touch?.moments).toHaveLength(20)
    expect(touch?.moments[3]).toMatchObject({ elapsed_s: 180, moved: spotAt(203) - LEVEL })
    expect(touch?.questions).toContainEqual({ name: 't1_break_60s', threshold: 1, side: 'break', horizon: 60 })
    expect(touch?.moments[0]?.probabilities.every((p) => p === 0.3)).toBe(true)
  })

  test('may be of version 1, and between minutes, where it is counted and left out', async () => {
    const lines = MOMENTS.flatMap((row) => {
      const [tsNs, spot] = [bars.ts[row] as bigint, spotAt(row)]
      const old = (at: bigint): string => lineOf({ tsNs: at, targets: [targetV1(spot, 0.3)], version: 1 })
      return [old(tsNs), old(tsNs + 500_000_000n), old(tsNs + 30_000_000_000n)]
    })
    const all = await evaluated(lines)
    expect(all.payloads).toEqual({
      read: 3 * MOMENTS.length,
      scored: MOMENTS.length,
      refused: 0,
      versions: { 1: MOMENTS.length },
    })
    const now = await evaluated(published(() => 0.3))
    expect(headOf(all, 't1_break_300s').loss).toEqual(headOf(now, 't1_break_300s').loss)
  })

  test('may stand in an audit log, of several runs, and scores as the same payloads in a file', async () => {
    const lines = published(() => 0.3)
    const path = join(folder, 'audit')
    for (const [run, part] of [lines.slice(0, 900), lines.slice(900)].entries()) {
      const log = await openAuditLog({ folder: path, run: `run-${run}`, intervalMs: 3_600_000 })
      const common = { input: '', rows: '', models: 'a b', code: '1', latencyMs: 0 }
      for (const output of part) {
        const { ts } = JSON.parse(output) as { readonly ts: number }
        log.record({ ...common, kind: 'tick', tsNs: BigInt(ts) * 1_000_000n, output })
      }
      await log.close()
    }
    expect(await evaluateServed({ ...ABOUT, path })).toEqual(await evaluated(lines))
    await expect(evaluateServed({ ...ABOUT, path: folder })).rejects.toThrow('no audit log of any date')
  })

  test.each([
    ['not JSON', 'nonsense', 'line 2: is not JSON'],
    ['no payload', '{"ts":1}', 'line 2: has no viewport'],
    ['another layout', '{"viewport":{"version":2,"ts":0}}', 'line 2: viewport.timeframe: '],
  ])('is refused with its line where it is %s', async (_, line, message) => {
    await expect(evaluated([...published(() => 0.3).slice(0, 1), line])).rejects.toThrow(message)
  })
})
