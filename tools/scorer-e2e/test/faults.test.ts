import { copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createViewportScorer,
  type IncomingSnapshot,
  type ViewportPayload,
  viewportSchema,
  type ViewportScorer,
} from '@breakwater/scorer'
import type { Bundle } from '@breakwater/trees'
import { loadBundles, writeBundles } from '@breakwater/trees/node'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { copyModels, indexFiles, lastSession, optionsOf, readMarket, scorerFor } from './market.ts'

const folder = inject('models')
const market = await readMarket(folder)

/** The first snapshots of the last session. */
function firstSnapshots(count: number): IncomingSnapshot[] {
  const snapshots: IncomingSnapshot[] = []
  for (const snapshot of lastSession(market, 15_000).snapshots()) {
    if (snapshots.push(snapshot) === count) break
  }
  return snapshots
}

const snapshots = firstSnapshots(240)
/** Five minutes: bars of the session have come, and price has stood on a side of every level. */
const warmUp = snapshots.slice(0, 20)
const [first, second, third, ...later] = snapshots.slice(20) as [
  IncomingSnapshot,
  IncomingSnapshot,
  IncomingSnapshot,
  ...IncomingSnapshot[],
]

/** A scorer of the models in `models` that has seen the first minutes. */
async function warmScorer(models: string): Promise<ViewportScorer> {
  const scorer = await scorerFor(models, lastSession(market, 15_000))
  for (const snapshot of warmUp) scorer.score(snapshot)
  return scorer
}

const enabled = (scorer: ViewportScorer): Extract<ReturnType<ViewportScorer['status']>, { enabled: true }> => {
  const status = scorer.status()
  if (!status.enabled) throw new Error('scoring is off')
  return status
}

/** What is scored of a viewport, without which models did. */
const scored = (viewport: ViewportPayload): unknown => ({ ...viewport, models: null })

describe('bad snapshots', () => {
  let scorer: ViewportScorer
  let twin: ViewportScorer
  beforeEach(async () => {
    ;[scorer, twin] = await Promise.all([warmScorer(folder), warmScorer(folder)])
    scorer.score(first)
    twin.score(first)
  })

  test.each([
    [{ ...second, ts: first.ts - 1 }, 'time_backwards'],
    [{ ...second, ts: Number.NaN }, 'bad_time'],
    [{ ...second, spy: { spot: 0 } }, 'bad_spot'],
    [{ ...second, spy: { spot: Number.NaN } }, 'bad_spot'],
    [{ ...second, levels: 'many' }, 'bad_levels'],
    ['text', 'bad_levels'],
    [undefined, 'bad_levels'],
  ])('%# is refused with its code and leaves everything as it was', (bad, code) => {
    const refused = scorer.viewportOf(bad)
    expect(refused).toMatchObject({ error: { code }, targets: [], rejected: [] })
    expect(viewportSchema.safeParse(JSON.parse(JSON.stringify(refused))).success).toBe(true)
    expect(enabled(scorer).refusedTicks).toEqual({ [code]: 1 })
    expect(scorer.score(second)).toEqual(twin.score(second))
  })

  test('a level with a price of 0, NaN or none is rejected by its place; the others are scored', () => {
    const spoiled = [
      { id: 'zero', kind: 'ROUND', price: 0 },
      { id: 'nan', kind: 'ROUND', price: Number.NaN },
      ...second.levels,
      { id: 'kindless', kind: '', price: 500 },
    ]
    const viewport = scorer.viewportOf({ ...second, levels: spoiled })
    expect(viewport?.rejected).toEqual([
      { index: 0, level_id: 'zero', code: 'bad_price' },
      { index: 1, level_id: 'nan', code: 'bad_price' },
      { index: spoiled.length - 1, level_id: 'kindless', code: 'bad_level' },
    ])
    expect(viewport?.targets).toEqual(twin.viewportOf(second)?.targets)
  })

  test('unknown fields are kept in the payload, counted, and change no score', () => {
    const level = { ...second.levels[0], colour: 'red' }
    const given = { ...second, venue: 'X', levels: [level, ...second.levels.slice(1)] }
    const payload = scorer.score(given as IncomingSnapshot)
    expect(payload).toEqual({ ...given, viewport: payload.viewport })
    expect(payload.viewport).toEqual(twin.viewportOf(second))
    expect(enabled(scorer).unknownFields).toEqual({ venue: 1, 'levels[].colour': 1 })
  })

  test('of 500 levels the most relevant eight are scored, and they are those of the few near the price', () => {
    const far = Array.from({ length: 500 - second.levels.length }, (_, i) => ({
      id: `far ${i}`,
      kind: 'STRIKE',
      price: Math.round((second.spy.spot + 2 + i) * 100) / 100,
    }))
    const viewport = scorer.viewportOf({ ...second, levels: [...far, ...second.levels] })
    expect(viewport?.rejected).toEqual([])
    expect(viewport?.targets.length).toBeLessThanOrEqual(8)
    expect(viewport?.targets).toEqual(twin.viewportOf(second)?.targets)
  })

  test('a kind that training never saw is scored and counted, also where neighbours have no such kind', () => {
    const levels = [{ id: 'mine', kind: 'USER_HOTZONE', price: second.spy.spot + 0.4 }]
    const dropped = (): number => enabled(scorer).droppedFilters['levelKindName'] ?? 0
    const before = dropped()
    const viewport = scorer.viewportOf({ ...second, levels })
    const [target] = viewport?.targets ?? []
    expect(target).toMatchObject({
      level_id: 'mine',
      error: null,
      retrieval: { dropped: ['level_kind_name'] },
    })
    expect(target?.p_break).toBeGreaterThan(0)
    expect(enabled(scorer).unseenCategories).toMatchObject({ level_kind_name: { USER_HOTZONE: 1 } })
    expect(dropped() - before).toBe(1)
  })

  test('a bar that is wrong, late or from the future is told and left out; the tick goes on', () => {
    const bar = { ts: first.ts - 60_000, open: 500, high: 501, low: 499, close: 500, volume: 10 }
    const bars = [
      { ...bar, close: 0 },
      { ...bar, ts: bar.ts - 600_000 },
      { ...bar, ts: first.ts + 60_000 },
    ]
    expect(scorer.viewportOf({ ...second, bars })?.error).toBeNull()
    expect(enabled(scorer).viewport.rejectedBars).toBe(3)
  })

  test('physics that is no reading counts as missing, and one of the wrong type fails its level alone', () => {
    const [near, ...others] = second.levels.toSorted(
      (a, b) => Math.abs(a.price - second.spy.spot) - Math.abs(b.price - second.spy.spot),
    )
    if (near === undefined) throw new Error('no level')
    const wrong = { ...near, physics: { ...near.physics, tape_imbalance: 'much' } }
    const viewport = scorer.viewportOf({ ...second, levels: [wrong, ...others] })
    const failed = viewport?.targets.filter(({ error }) => error !== null) ?? []
    expect(failed.map(({ level_id: id, error }) => [id, error])).toEqual([[near.id, 'row_failed']])
    expect(viewport?.targets.length).toBeGreaterThan(1)
    scorer.viewportOf({ ...third, levels: [{ ...near, physics: { tape_imbalance: Number.NaN } }] })
    expect(enabled(scorer).badReadings).toBe(1)
  })
})

const inOther = (name: string): string => join(folder, 'other_models', name)

describe('models that cannot be trusted', () => {
  let copy: ReturnType<typeof copyModels>
  beforeEach(() => {
    copy = copyModels(folder)
  })
  afterEach(() => copy.remove())

  const inModels = (...names: readonly string[]): string => join(copy.path, 'boosted_trees', ...names)
  const start = (): Promise<ViewportScorer> => createViewportScorer(optionsOf(copy.path))

  test('a truncated bundle is refused by its hash', async () => {
    truncateSync(inModels('direction_stage_b_full.onnx'), 1000)
    await expect(start()).rejects.toThrow(/direction_stage_b_full\.onnx: its SHA-256 is not the one in the metadata/)
  })

  test('an index of another set, schema, or writing is refused', async () => {
    const [json, file] = indexFiles('stage_b').map((name) => join(copy.path, name)) as [string, string]
    const record = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown>
    writeFileSync(json, JSON.stringify({ ...record, data: { ...(record['data'] as object), schemaVersion: '1.5.0' } }))
    await expect(start()).rejects.toThrow(/schemaVersion=1\.5\.0: the bundles of stage_b have 2\. Run `trainer index`/)
    writeFileSync(json, JSON.stringify(record))
    copyFileSync(join(copy.path, indexFiles('stage_a')[1] ?? ''), file)
    await expect(start()).rejects.toThrow(/retrieval: .*: feature \d+ of the index is /)
    truncateSync(file, 5000)
    await expect(start()).rejects.toThrow(/is not a whole retrieval index/)
  })

  test('a bundle whose golden row scores otherwise than it says is refused', async () => {
    await rewrite(inModels(), (bundle) => ({
      ...bundle,
      description: {
        ...bundle.description,
        golden: { values: bundle.description.golden?.values ?? {}, raw: 0.125 },
      },
    }))
    await expect(start()).rejects.toThrow(/its golden row scores -?[\d.e-]+, and training recorded 0\.125/)
  })

  test('models that were trained for other thresholds are refused', async () => {
    const other = { ...optionsOf(copy.path), signals: { thresholds: [0.5, 1] as const } }
    await expect(createViewportScorer(other)).rejects.toThrow(
      /was trained for thresholds of \$1 and \$2, and this scorer is set up for \$0\.5 and \$1\./,
    )
  })

  test('a feature that no source gives is refused by name, unless it is allowed to be missing', async () => {
    const blind = { ...optionsOf(copy.path), env: { VIEWPORT_SCORING_ENABLED: 'true' } }
    await expect(createViewportScorer(blind)).rejects.toThrow(/features: live features: no source gives barrier_state/)
    const scorer = await createViewportScorer({
      ...blind,
      env: { ...blind.env, VIEWPORT_ALLOW_MISSING: 'physics' },
      history: lastSession(market, 15_000).history(),
    })
    expect(enabled(scorer).models.stage_b?.lacking).toContain('tape_imbalance')
    for (const snapshot of [first, second]) scorer.score(snapshot)
    expect(enabled(scorer).missingFeatures['tape_imbalance']).toBeUndefined()
    expect(enabled(scorer).models.stage_a?.heads).toHaveLength(27)
  })

  test('heads that are absent leave null fields and are listed', async () => {
    await rewrite(inModels(), (bundle) => (/^(?:direction|t1_60s)$/.test(bundle.description.head) ? null : bundle))
    const scorer = await warmScorer(copy.path)
    const viewports = [first, second, third, ...later].map((snapshot) => scorer.viewportOf(snapshot))
    expect(enabled(scorer).viewport.missingHeads).toEqual({ stage_a: [], stage_b: ['direction', 't1_60s'] })
    const target = viewports
      .flatMap((one) => one?.targets ?? [])
      .find(({ stage, time_to_threshold: reach }) => stage === 'stage_b' && reach.t1['120'] !== null)
    expect(target).toMatchObject({
      error: null,
      p_break: null,
      p_break_given_tradeable: null,
      time_to_threshold: { t1: { '60': null, '120': expect.any(Number) as number } },
    })
    expect(target?.p_tradeable_2).toBeGreaterThan(0)
  })

  test('new models are swapped in between ticks, bad ones are refused and the old ones serve on', async () => {
    const [scorer, twin] = await Promise.all([warmScorer(copy.path), warmScorer(folder)])
    expect(await scorer.reload()).toEqual({ status: 'unchanged' })
    const before = scorer.viewportOf(first)
    expect(before).toEqual(twin.viewportOf(first))

    // Half of a copy: the new metadata beside an old bundle.
    copyFileSync(inOther('metadata_stage_a_full.json'), inModels('metadata_stage_a_full.json'))
    const refused = await scorer.reload()
    expect(refused.status).toBe('refused')
    expect(enabled(scorer).reloads).toMatchObject({
      swapped: 0,
      refused: 1,
      lastRefusal: expect.stringContaining('SHA-256') as string,
    })
    expect(scorer.viewportOf(second)).toEqual(twin.viewportOf(second))

    const { bundles } = await loadBundles(join(folder, 'other_models'), { stage: 'stage_a', ablation: 'full' })
    for (const head of bundles.keys())
      copyFileSync(inOther(`${head}_stage_a_full.onnx`), inModels(`${head}_stage_a_full.onnx`))
    expect(await scorer.reload()).toEqual({ status: 'swapped' })
    const after = scorer.viewportOf(third)
    expect(enabled(scorer).reloads).toEqual({ swapped: 1, refused: 1, lastRefusal: null })
    expect(after?.models.stage_b).toBe(before?.models.stage_b)
    expect(after?.models.stage_a).not.toBe(before?.models.stage_a)
    expect(enabled(scorer).viewport.missingHeads.stage_a).toContain('t1_120s')
    expect(scored(after as ViewportPayload)).not.toEqual(scored(twin.viewportOf(third) as ViewportPayload))
  })

  test('models that are replaced while they are read are read again, or refused whole', async () => {
    const scorer = await warmScorer(copy.path)
    const { bundles } = await loadBundles(join(folder, 'other_models'), { stage: 'stage_a', ablation: 'full' })
    // An order in which no set is whole until the last rename; the reload runs between the renames.
    const names = ['metadata_stage_a_full.json', ...[...bundles.keys()].map((head) => `${head}_stage_a_full.onnx`)]
    const results = names.map((name) => {
      copyFileSync(inOther(name), inModels(`${name}.new`))
      renameSync(inModels(`${name}.new`), inModels(name))
      return scorer.reload()
    })
    const statuses = (await Promise.all(results)).map(({ status }) => status)
    expect(new Set(statuses).size).toBe(1)
    const { status } = await scorer.reload()
    expect([statuses[0], status]).toSatisfy(
      ([during, after]) =>
        (during === 'swapped' && after === 'unchanged') || (during === 'refused' && after === 'swapped'),
    )
    expect(enabled(scorer).models.stage_a?.heads).toEqual([...bundles.keys()])
    expect(scorer.viewportOf(first)?.error).toBeNull()
  })

  test('a scorer that is closed scores no more', async () => {
    const scorer = await start()
    scorer.close()
    expect(scorer.score(first)).toEqual(first)
    expect(scorer.viewportOf(first)).toBeUndefined()
  })
})

/** Writes the set of stage B again, each bundle changed by `change` or left out. */
async function rewrite(models: string, change: (bundle: Bundle) => Bundle | null): Promise<void> {
  const { metadata, bundles, skipped } = await loadBundles(models, { stage: 'stage_b', ablation: 'full' })
  await writeBundles(models, {
    stage: metadata.stage,
    ablation: metadata.ablation,
    timestamp: metadata.timestamp,
    details: metadata.details,
    skipped,
    bundles: [...bundles.values()].flatMap((bundle) => change(bundle) ?? []),
  })
}
