import { readFileSync } from 'node:fs'
import type { Interval, ReachKey } from '@breakwater/viewport'
import {
  payloadJsonSchema,
  refusedViewport,
  viewportOf,
  viewportSchema,
  viewportSchemaV1,
  type ViewportPayload,
} from '@breakwater/viewport/payload'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { barAt, fakePredictor, levelAt, modelsOf, snapshotAt } from './fakes.ts'
import { viewportWith } from './make.ts'

const HEADER = {
  timeframe: '4min',
  models: { stage_a: 'a'.repeat(64), stage_b: null },
  utility: { order: 'utility_score', cost: 0.05 },
} as const
const LEVELS = [levelAt('ROUND', 500), levelAt('VWAP', 500.3), levelAt('PM_HIGH', 499.2)]

/** Payloads of a level that is touched, confirmed and left, and of others around it. */
function payloads(version: 1 | 2): unknown[] {
  const { viewport } = viewportWith({ models: modelsOf(fakePredictor()) })
  const steps = [499.1, 499.5, 499.8, ...Array.from({ length: 14 }, () => 499.95), 500.6, 500.6]
  return steps.map((spot, i) => {
    const bars = i > 0 && i % 3 === 0 ? [barAt(i / 3 - 1)] : []
    return {
      ts: 1,
      spy: { spot },
      levels: [],
      viewport: JSON.parse(
        JSON.stringify(viewportOf(HEADER, viewport.tick(snapshotAt(i * 20, spot, LEVELS, bars)), version)),
      ) as unknown,
    }
  })
}

/** A validator that is not the code that writes the schema. */
function validator(version: 1 | 2): ValidateFunction {
  return new Ajv2020({ strict: true, allowUnionTypes: true }).compile(payloadJsonSchema(version))
}

describe.each([1, 2] as const)('payloads of version %i', (version) => {
  const validate = validator(version)
  const other = validator(version === 1 ? 2 : 1)

  test('keep the published JSON Schema by another validator, in every state, and not that of the other version', () => {
    const all = payloads(version)
    const states = new Set<string>()
    for (const payload of all) {
      expect(validate(payload) ? [] : validate.errors).toEqual([])
      expect(other(payload)).toBe(false)
      const { viewport } = payload as { viewport: { targets: { viewport_state: string }[] } }
      for (const { viewport_state: state } of viewport.targets) states.add(state)
    }
    expect([...states].toSorted()).toEqual([
      'APPROACHING',
      'CONFIRMATION',
      'FAR',
      'IN_MONITOR_BAND',
      'RESOLVED',
      'TOUCH',
    ])
  })

  test('a refused tick keeps it too', () => {
    const viewport = refusedViewport(HEADER, null, { code: 'bad_spot', message: 'x' }, version)
    expect(validate({ ts: 1, spy: { spot: 1 }, levels: [], viewport })).toBe(true)
  })

  test('the validator refuses what the schema forbids', () => {
    const [payload] = payloads(version) as { viewport: { targets: Record<string, unknown>[] } }[]
    const change = (name: string, value: unknown): unknown => ({
      ...payload,
      viewport: { ...payload?.viewport, targets: [{ ...payload?.viewport.targets[0], [name]: value }] },
    })
    expect(validate(change('p_break', 0.5))).toBe(true)
    expect(validate(change('p_break', 1.5))).toBe(false)
    expect(validate(change('p_surprise', 0.5))).toBe(false)
    expect(validate(change('touch_ts_ns', 1.5))).toBe(false)
    expect(validate(change('viewport_state', 'NEAR'))).toBe(false)
  })
})

test('version 1 is version 2 without what it has not: the same numbers under the same names', () => {
  const [first, second] = [payloads(1), payloads(2)] as { viewport: { targets: Record<string, unknown>[] } }[][]
  for (const [i, one] of first?.entries() ?? []) {
    expect(one.viewport.targets.length).toBeGreaterThan(0)
    for (const [t, target] of one.viewport.targets.entries()) {
      expect(second?.[i]?.viewport.targets[t]).toMatchObject(target)
    }
  }
})

test('zod and the JSON Schema agree', () => {
  for (const payload of payloads(2))
    expect(viewportSchema.safeParse((payload as { viewport: unknown }).viewport).error).toBeUndefined()
  for (const payload of payloads(1))
    expect(viewportSchemaV1.safeParse((payload as { viewport: unknown }).viewport).error).toBeUndefined()
})

/** Names of probabilities of a target that have an interval of the same name. */
const NAMED = [
  'p_tradeable_2',
  'p_break',
  'p_bounce',
  'p_neither',
  'p_break_given_tradeable',
  'p_bounce_given_tradeable',
] as const

describe('the payload of the documents', () => {
  const payload = JSON.parse(readFileSync(new URL('../../../docs/payload.json', import.meta.url), 'utf8')) as {
    readonly ts: number
    readonly levels: readonly { readonly id: string }[]
    readonly viewport: ViewportPayload
  }
  const { viewport } = payload

  test('is of version 2 by the published JSON Schema', () => {
    const validate = validator(2)
    expect(validate(payload) ? [] : validate.errors).toEqual([])
    expect(validator(1)(payload)).toBe(false)
    // Its fields are those that are published today, in their order.
    const [now] = payloads(2) as { readonly viewport: ViewportPayload }[]
    expect(Object.keys(viewport).toSorted()).toEqual(Object.keys(now?.viewport ?? {}).toSorted())
    for (const target of viewport.targets)
      expect(Object.keys(target)).toEqual(Object.keys(now?.viewport.targets[0] ?? {}))
  })

  test('is read as one of an older program too, which did not say why there are no intervals', () => {
    const targets = viewport.targets.map(({ intervals_missing: _none, ...older }) => older)
    const older = { ...viewport, targets }
    expect(validator(2)({ ...payload, viewport: older })).toBe(true)
    expect(viewportSchema.parse(older).targets.map(({ intervals_missing: why }) => why)).toEqual([null, null])
  })

  test('says one thing: of levels of its snapshot, with probabilities that agree and lie in their intervals', () => {
    expect(viewport.ts).toBe(payload.ts)
    const ids = new Set(payload.levels.map(({ id }) => id))
    expect(viewport.targets.map(({ viewport_state: state }) => state)).toEqual(['CONFIRMATION', 'APPROACHING'])
    let asked = 0
    const holds = (p: number | null | undefined, range: Interval | null | undefined): void => {
      if (p == null) return
      asked++
      expect(range == null ? 'no interval' : range[0] <= p && p <= range[1]).toBe(true)
    }
    for (const target of viewport.targets) {
      const { intervals } = target
      expect([ids.has(target.level_id), target.intervals_missing, target.error]).toEqual([true, null, null])
      expect((target.p_break ?? 0) + (target.p_bounce ?? 0) + (target.p_neither ?? 0)).toBeCloseTo(1, 12)
      for (const name of NAMED) holds(target[name], intervals?.[name])
      for (const [seconds, p] of Object.entries(target.p_touch ?? {})) holds(p, intervals?.p_touch?.[seconds])
      for (const [key, byHorizon] of Object.entries(target.time_to_threshold)) {
        const ranges = intervals?.time_to_threshold[key as ReachKey]
        for (const [seconds, p] of Object.entries(byHorizon)) holds(p, ranges?.[seconds])
      }
    }
    expect(asked).toBe(2 * (NAMED.length + 24) + 4)
  })
})
