import { createLiveFeatures, type MinuteBar, newYorkCalendar } from '@breakwater/features'
import type { FeatureBaseline } from '@breakwater/models'
import {
  compareStored,
  createFeatureWatch,
  type DriftEvent,
  type FeatureState,
  type FeatureWatch,
  servedModels,
  type SkewEvent,
} from '@breakwater/monitor'
import type { AnyViewportPayload, TargetPayload } from '@breakwater/viewport/payload'
import { expect, test } from 'vitest'
import { walkBars } from './market.ts'

const calendar = newYorkCalendar()
const MINUTE_NS = 60_000_000_000n
const bars = walkBars({ dates: ['2024-07-01', '2024-07-02', '2024-07-03'], seed: 12, absent: 0.02 })
const dateOf = ({ minute }: MinuteBar): string => calendar.dateOf(BigInt(minute) * MINUTE_NS)
const history = bars.filter((bar) => dateOf(bar) !== '2024-07-03')
const today = bars.filter((bar) => dateOf(bar) === '2024-07-03')

const about = (name: string): FeatureBaseline => ({ name, rows: 1000, missing: 0, edges: [], words: [], shares: [1] })
const stage = {
  baseline: ['atr', 'sma_400', 'prior_touches', 'moved', 'wall_ratio'].map(about),
  lacking: ['wall_ratio'],
  tested: [],
}

const payload = (ts: number, models = 'b'): AnyViewportPayload =>
  ({
    version: 2,
    ts,
    error: null,
    models: { stage_a: null, stage_b: models },
    targets: [
      { level_id: 'L', touch_ts_ns: 1, row_basis: 'confirmation', retrieval: { distance_percentile: 0.995 } },
      { level_id: 'M', touch_ts_ns: null, row_basis: 'supposed', retrieval: { distance_percentile: 0.5 } },
    ] as unknown as TargetPayload[],
  }) as unknown as AnyViewportPayload

interface Run {
  readonly watch: FeatureWatch
  readonly alarms: (DriftEvent | SkewEvent)[]
  readonly troubles: string[]
}

/** A session of live rows, of which each is spoiled by `spoil`; bars come as `stored` has them. */
async function session(
  spoil: (row: Record<string, unknown>) => Record<string, unknown> = (row) => row,
  stored: (bar: MinuteBar) => MinuteBar = (bar) => bar,
): Promise<Run> {
  const alarms: Run['alarms'] = []
  const troubles: string[] = []
  const watch = createFeatureWatch({
    served: () => servedModels([null, stage], '4min', {}),
    history,
    compare: (work) => Promise.resolve().then(() => compareStored(work)),
    onAlarm: (alarm) => alarms.push(alarm),
    onTrouble: (message) => troubles.push(message),
  })
  const live = createLiveFeatures()
  for (const bar of history) live.push(bar)
  for (const bar of today) {
    live.push(bar)
    const ns = BigInt(bar.minute) * MINUTE_NS
    for (const level of live.levels(ns + MINUTE_NS, 1)) {
      const row = live.touched(level, ns, 0)
      if (row !== null && level.price >= bar.low && level.price <= bar.high)
        watch.confirm(spoil({ ...row.values(undefined, 60, bar.close) }))
    }
    watch.observe({ viewport: payload((bar.minute + 1) * 60_000), bars: [stored(bar)], date: '2024-07-03' })
  }
  await watch.close()
  return { watch, alarms, troubles }
}

test('rows of a session are the bits of batch, and are counted against the baseline without what they lack', async () => {
  const { watch, alarms, troubles } = await session()
  expect([alarms, troubles]).toEqual([[], []])
  expect(watch.skew.same).toBeGreaterThan(50)
  expect(watch.skew).toMatchObject({ skewed: 0, byFeature: new Map() })
  const drift = watch.drift?.features() ?? []
  expect(drift.map(({ name }) => name)).toEqual(['atr', 'sma_400', 'prior_touches', 'moved'])
  expect(drift[0]?.rows).toBe(watch.skew.same + watch.skew.absent)
  expect(watch.drift?.outOfDistribution()).toBe(1)
})

test('a row that is not what batch builds is an alarm that names feature, values and moment, once', async () => {
  const { watch, alarms } = await session((row) => ({ ...row, atr: Number(row['atr']) + 1e-9 }))
  expect(watch.skew.same).toBe(0)
  expect([...watch.skew.byFeature]).toEqual([['atr', watch.skew.skewed]])
  expect(alarms).toHaveLength(1)
  const [alarm] = alarms
  if (alarm?.kind !== 'skew') throw new Error('no alarm of skew')
  expect(alarm.features).toEqual(['atr'])
  expect(Number(alarm.live) - Number(alarm.batch)).toBeCloseTo(1e-9, 12)
  expect(alarm.message).toMatch(
    /^atr: is \S+ live and \S+ in batch for the touch of \w+ [\d.]+ at 2024-07-03T1\d:\d\d:00/,
  )
  expect(JSON.parse(JSON.stringify(alarm))).toEqual(alarm)
})

test('bars that came otherwise than they were used are skew too', async () => {
  const skewed = await session(undefined, (bar) => ({ ...bar, high: bar.high + 0.01 }))
  expect(skewed.alarms.map(({ kind }) => kind)).toContain('skew')
})

test('a drifted feature is one alarm when the session is over, and its state goes on with the same models alone', async () => {
  const alarms: (DriftEvent | SkewEvent)[] = []
  const troubles: string[] = []
  const begun = (state: FeatureState | null): FeatureWatch =>
    createFeatureWatch({
      served: () =>
        servedModels(
          [{ baseline: [{ ...about('kind'), shares: [1], words: ['A'] }], lacking: [], tested: [] }],
          '4min',
          {},
        ),
      history: [],
      compare: () => Promise.reject(new Error('nothing to compare')),
      onAlarm: (alarm) => alarms.push(alarm),
      onTrouble: (message) => troubles.push(message),
      state,
    })
  let watch = begun(null)
  for (let day = 0; day < 8; day++) {
    watch.observe({ viewport: payload(day), bars: [], date: `2024-07-0${day}` })
    watch.confirm({ ts_ns: 0n, level_kind_name: 'ROUND', level_price: 500, kind: 'B' })
    watch.observe({ viewport: payload(day), bars: [], date: `2024-07-0${day}` })
    watch = begun(JSON.parse(JSON.stringify(watch.state())) as FeatureState)
  }
  expect(alarms).toHaveLength(1)
  expect(alarms[0]).toMatchObject({ kind: 'drift', feature: 'kind', unseen: 1, missing: 0 })
  expect(alarms[0]?.message).toContain('100.0% a word that training had not')
  await watch.close()
  expect(troubles).toEqual([])
  watch.confirm({ ts_ns: 0n, level_kind_name: 'ROUND', level_price: 500, kind: 'B' })
  watch.observe({ viewport: payload(9, 'other'), bars: [], date: '2024-07-09' })
  expect(watch.drift?.features()[0]).toMatchObject({ evidence: 1, alarmed: false })
  await watch.close()
  expect(troubles).toEqual(['live rows could not be compared with batch: nothing to compare'])
})

test('figures of heads at the anchor go by the names of questions, those of stage B before those of stage A', () => {
  const figures = { brier: 0.1, logLoss: 0.3, smoothEce: 0.01 }
  const head = (name: string, rows: number) => ({ name, rows, served: figures, law: null })
  const a = { baseline: null, lacking: [], tested: [head('direction_2min', 1), head('t1_60s_2min', 2)] }
  const b = { baseline: null, lacking: [], tested: [head('direction_2min', 3), head('direction', 4)] }
  const { tested, baseline } = servedModels([a, b], '2min', {})
  expect(baseline).toEqual([])
  expect([...tested].map(([name, { rows }]) => [name, rows])).toEqual([
    ['direction', 3],
    ['t1_60s', 2],
  ])
})
