import { join } from 'node:path'
import { headCalibratorFromJson, servedHeads } from '@breakwater/calibration'
import {
  encodeRow,
  encoderFromJson,
  parseHeadName,
  reachImplications,
  type RowValues,
  type Table,
} from '@breakwater/features'
import { loadSchema, readSignals } from '@breakwater/features/parquet'
import { type TargetPayload, viewportSchema } from '@breakwater/scorer'
import { linkOf, predictRow } from '@breakwater/trees'
import { loadBundles } from '@breakwater/trees/node'
import { describe, expect, inject, test } from 'vitest'
import { lastSession, optionsOf, readMarket, scorerFor } from './market.ts'
import { ROOT } from './run.ts'

const folder = inject('models')
const market = await readMarket(folder)

describe('a scorer inside a program, over a whole session', async () => {
  const session = lastSession(market, 5000)
  const scorer = await scorerFor(folder, session)
  const states = new Set<string>()
  const confirmed = new Map<string, TargetPayload>()
  const prices: { readonly ts: number; readonly spot: number }[] = []
  let ticks = 0
  let invalid = ''
  let incoherent = ''
  for (const snapshot of session.snapshots()) {
    prices.push({ ts: snapshot.ts, spot: snapshot.spy.spot })
    const { viewport, ...rest } = scorer.score(snapshot)
    if (viewport === undefined) throw new Error('no viewport')
    ticks += 1
    const text = JSON.stringify(viewport)
    const parsed = viewportSchema.safeParse(JSON.parse(text))
    if (!parsed.success) invalid ||= `${parsed.error.message} ${text.slice(0, 300)}`
    if (JSON.stringify(rest) !== JSON.stringify(snapshot)) invalid ||= 'the snapshot was changed'
    session.learn(viewport.targets)
    for (const target of viewport.targets) {
      states.add(target.viewport_state)
      incoherent ||= fault(target)
      if (target.row_basis !== 'confirmation' || target.viewport_state !== 'CONFIRMATION') continue
      const key = `${target.level_kind_name} ${target.level_price.toFixed(2)} ${target.touch_ts_ns}`
      if (!confirmed.has(key)) confirmed.set(key, target)
    }
  }

  test('every payload keeps the schema as JSON, whatever the state of its targets', () => {
    expect(invalid).toBe('')
    expect(ticks).toBe(4680)
    expect([...states].toSorted()).toEqual([
      'APPROACHING',
      'CONFIRMATION',
      'FAR',
      'IN_MONITOR_BAND',
      'RESOLVED',
      'TOUCH',
    ])
  })

  test('probabilities add up, and the reach surface is coherent', () => {
    expect(incoherent).toBe('')
  })

  test('nothing was refused, and status tells what was met', () => {
    const status = scorer.status()
    if (!status.enabled) throw new Error('scoring is off')
    expect(status.refusedTicks).toEqual({})
    expect(status.viewport.ticks).toBe(ticks)
    expect(status.viewport.missingHeads).toEqual({ stage_a: [], stage_b: [] })
    expect(status.models.stage_b?.heads).toHaveLength(27)
    expect(status.models.stage_b?.index?.rows).toBeGreaterThan(1000)
    expect(status.lookUps).toBeGreaterThan(1000)
    expect(status.outOfDistribution).toBeGreaterThanOrEqual(0)
    expect(status.unknownFields).toEqual({})
    expect(status.bars.taken).toBeGreaterThan(4000)
  })

  test('a confirmed target says what batch says of the same touch: same row, same trees, same calibrators, same bits', async () => {
    const batch = await batchAnswers(folder)
    let compared = 0
    for (const target of confirmed.values()) {
      const minute = BigInt(String(target.touch_ts_ns)) / 60_000_000_000n
      // The price at the confirmation: that of the first tick at its time or later.
      const confirmMs = Number(BigInt(String(target.confirm_ts_ns)) / 1_000_000n)
      const expected = batch(target, minute, prices.find(({ ts }) => ts >= confirmMs)?.spot ?? Number.NaN)
      if (expected === null) continue
      compared += 1
      const served = servedIn(target)
      // Where a threshold lay behind price at the confirmation, its heads are not asked.
      const left = target.distance >= 1 ? Object.keys(served).filter((name) => served[name] === null) : []
      expect({ ...served, at: minute }).toEqual({
        ...expected,
        ...Object.fromEntries(left.map((name) => [name, null])),
        at: minute,
      })
    }
    expect(confirmed.size).toBeGreaterThan(20)
    expect(compared).toBeGreaterThan(confirmed.size / 2)
  })
})

describe('the law of the same models, over the same session', async () => {
  const session = lastSession(market, 5000)
  const scorer = await scorerFor(folder, session, optionsOf(folder, 'law'))
  const faults = new Set<string>()
  const conditions = new Map<string, number>()
  for (const snapshot of session.snapshots()) {
    const { viewport } = scorer.score(snapshot)
    if (viewport === undefined) throw new Error('no viewport')
    session.learn(viewport.targets)
    const parsed = viewportSchema.safeParse(JSON.parse(JSON.stringify(viewport)))
    if (!parsed.success) faults.add(parsed.error.message.slice(0, 300))
    for (const target of viewport.targets) {
      faults.add(fault(target))
      if (target.error !== null) continue
      conditions.set(target.condition, (conditions.get(target.condition) ?? 0) + 1)
      if (target.source !== 'law') faults.add('the law does not answer')
      if (target.as_of_ts_ns !== snapshot.ts * 1_000_000) faults.add('about another time')
      if ((target.p_touch === null) !== (target.condition === 'since_touch'))
        faults.add('a touch that was is asked about')
      if (target.condition === 'since_touch' && !((target.elapsed_s ?? 720) < 720)) faults.add('outlives its window')
    }
  }

  test('every target is about now, coherent, and keeps the schema', () => {
    faults.delete('')
    expect([...faults]).toEqual([])
    expect(conditions.get('given_touch')).toBeGreaterThan(5000)
    expect(conditions.get('since_touch')).toBeGreaterThan(1000)
  })

  test('the signals’ settings are those that the models record', () => {
    const status = scorer.status()
    expect(status.enabled && status.signals.thresholds).toEqual([1, 2])
    expect(status.enabled && status.models.stage_b?.hasLaw).toBe(true)
  })
})

/** Whether two probabilities rise; one of a threshold that lay behind price already is null and tells nothing. */
const rises = (a: number | null | undefined, b: number | null | undefined): boolean =>
  a === null || a === undefined || b === null || b === undefined || a <= b + 1e-12

/** What is wrong with a target's probabilities; empty where nothing is. */
function fault(target: TargetPayload): string {
  const { p_break: pBreak, p_bounce: pBounce, p_neither: pNeither, p_tradeable_2: tradeable } = target
  if (target.error !== null || pBreak === null || pBounce === null || pNeither === null || tradeable === null) return ''
  if (Math.abs(pBreak + pBounce + pNeither - 1) > 1e-12) return `${target.level_id}: do not add up to 1`
  if (Math.abs(pBreak + pBounce - tradeable) > 1e-12)
    return `${target.level_id}: break and bounce are not the tradeable`
  const { t1, t2, t2_break: beyond } = target.time_to_threshold
  const coherent =
    rises(t1['60'], t1['120']) &&
    rises(t2['60'], t1['60']) &&
    rises(beyond['120'], t2['120']) &&
    rises(t2['180'], t2['300'])
  return coherent ? '' : `${target.level_id}: reach is not coherent`
}

/** The trees' own answers in a payload: what neighbours and gate do not touch. */
function servedIn(target: TargetPayload): Record<string, number | null> {
  const reach = Object.entries(target.time_to_threshold).flatMap(([key, byHorizon]) =>
    Object.entries(byHorizon).map(([seconds, p]) => [`${key}_${seconds}s`, p] as const),
  )
  const tree = target.ensemble === null ? null : target.ensemble.contributions.tree / target.ensemble.mix_weight
  return {
    ...Object.fromEntries(reach),
    tradeable_2: target.p_tradeable_2,
    strength_signed: target.strength_signed,
    direction: tree === null ? null : Number(tree.toFixed(12)),
  }
}

type BatchAnswer = (target: TargetPayload, minute: bigint, spot: number) => Record<string, number> | null

/** Scores rows of the signals table with the bundles of stage B, without anything of the scorer. */
async function batchAnswers(models: string): Promise<BatchAnswer> {
  const schema = await loadSchema(join(ROOT, 'data/features.json'))
  const { table } = await readSignals({ paths: [join(models, 'signals.parquet')], schema })
  const { bundles } = await loadBundles(join(models, 'boosted_trees'), { stage: 'stage_b', ablation: 'full' })
  const heads = [...bundles.keys()].filter((name) => parseHeadName(name)?.anchor === '4min')
  const list = heads.flatMap((name) => bundles.get(name) ?? [])
  const encoder = encoderFromJson(list[0]?.description.encoder)
  const served = servedHeads(
    list.map(({ description, model }) =>
      headCalibratorFromJson(
        description.calibrator,
        description.head,
        linkOf(model.objective) === 'sigmoid' ? 'binary' : 'regression',
      ),
    ),
    reachImplications(heads),
  )
  const rowOf = indexTouches(table)
  return (target, minute, spot) => {
    const row = rowOf.get(touchKey(target.level_kind_name, target.level_price, minute))
    if (row === undefined) return null
    const encoded = new Float32Array(encoder.columns.length)
    const known = rowValues(table, row)
    const moved = Number(known['direction_sign']) * (spot - Number(known['level_price']))
    encodeRow(encoder, { ...known, moved, moved_atr: moved / Math.fround(Number(known['atr'])) }, encoded)
    const values = Float64Array.from(list, ({ model }) => predictRow(model, encoded))
    served.apply(values, 1)
    const answers = Object.fromEntries(heads.map((name, i) => [name, values[i] as number]))
    return { ...answers, direction: Number((answers['direction'] as number).toFixed(12)) }
  }
}

const touchKey = (kind: string, price: number, minute: bigint): string => `${kind} ${price.toFixed(4)} ${minute}`

function indexTouches(table: Table): ReadonlyMap<string, number> {
  const touches = new Map<string, number>()
  for (let row = 0; row < table.rows; row++) {
    const { level_kind_name: kind, level_price: price, ts_ns: ns } = rowValues(table, row)
    touches.set(touchKey(String(kind), Number(price), BigInt(String(ns)) / 60_000_000_000n), row)
  }
  return touches
}

function rowValues(table: Table, row: number): RowValues {
  return Object.fromEntries(
    Object.entries(table.columns).map(([name, column]) => [
      name,
      column.type === 'string' ? (column.dictionary[column.codes[row] as number] ?? null) : column.values[row],
    ]),
  )
}
