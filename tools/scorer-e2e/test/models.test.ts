import { copyFileSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createViewportScorer, type ViewportPayload, type ViewportScorer } from '@breakwater/scorer'
import type { Bundle } from '@breakwater/trees'
import { servedSignals } from '@breakwater/models/node'
import { loadBundles, writeBundles } from '@breakwater/trees/node'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { copyModels, indexFiles, lastSession, optionsOf, readMarket } from './market.ts'
import { launch } from './launch.ts'
import { SCORER } from './run.ts'
import { beginning, enabled } from './warm.ts'

const folder = inject('models')
const { snapshots, warmScorer } = await beginning(folder)
const [first, second, third] = snapshots
const market = await readMarket(folder)

/** What is scored of a viewport, without which models did. */
const scored = (viewport: ViewportPayload): unknown => ({ ...viewport, models: null })

const inOther = (name: string): string => join(folder, 'other_models', name)

/** Has a set say that it was trained by other settings. */
function says(path: string, from: RegExp, to: string): void {
  const text = readFileSync(path, 'utf8')
  const changed = text.replaceAll(from, to)
  if (changed === text) throw new Error(`${path} says nothing like ${from}`)
  renameSync(path, `${path}.old`)
  writeFileSync(path, changed)
}

const saysSmallThresholds = (path: string): void =>
  says(path, /"thresholds": \[\s*1,\s*2\s*\]/g, '"thresholds": [0.5, 1]')

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
    await expect(start()).rejects.toThrow(
      /schemaVersion=1\.5\.0: the bundles of stage_b have 2\. Run `breakwater index`/,
    )
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
      /was trained for thresholds of \$1 and \$2, and this scorer is set up for thresholds of \$0\.5 and \$1\./,
    )
  })

  test('say by what settings their outcomes are read, and are refused where two of them say otherwise', async () => {
    const place = { modelDir: inModels(), indexPath: null, ablation: 'full', timeframe: '4min' } as const
    expect(await servedSignals({ place })).toMatchObject({ thresholds: [1, 2], touchBand: 0.1, lookforward: 8 })
    const [a, b] = ['stage_a', 'stage_b'].map((stage) => inModels(`metadata_${stage}_full.json`)) as [string, string]
    saysSmallThresholds(a)
    await expect(servedSignals({ place })).rejects.toThrow(/was trained for thresholds of \$1 and \$2, and /)
    saysSmallThresholds(b)
    expect(await servedSignals({ place })).toMatchObject({ thresholds: [0.5, 1], touchBand: 0.1 })
  })

  test('say which horizons are served, where none are asked for', async () => {
    const other = { ...optionsOf(folder), modelDir: inOther(''), retrievalIndex: null }
    const [own, asked] = await Promise.all([
      createViewportScorer(other),
      createViewportScorer({ ...other, horizons: [60, 300] }),
    ])
    expect(enabled(own).horizons).toEqual([60])
    expect(enabled(own).viewport.missingHeads.stage_a).toEqual([])
    expect(enabled(asked).viewport.missingHeads.stage_a).toContain('t1_300s')
    expect(enabled(await createViewportScorer(optionsOf(copy.path))).horizons).toEqual([60, 120, 180, 300])
  })

  test('say by which bands a level is touched and left', async () => {
    const { spot } = first.spy
    const near = {
      ...first,
      levels: [0.12, 0.18, 0.28].map((distance) => ({
        id: `Z${distance}`,
        kind: 'USER_HOTZONE',
        price: spot + distance,
      })),
    }
    const states = (scorer: ViewportScorer): unknown[] =>
      [...(scorer.viewportOf(near)?.targets ?? [])]
        .toSorted((one, other) => one.distance - other.distance)
        .map((target) => target.viewport_state)
    expect(states(await warmScorer(copy.path))).toEqual(['IN_MONITOR_BAND', 'IN_MONITOR_BAND', 'FAR'])
    for (const stage of ['stage_a', 'stage_b']) {
      const path = inModels(`metadata_${stage}_full.json`)
      says(path, /"touchBand": 0\.1\b/g, '"touchBand": 0.15')
      says(path, /"monitorBand": 0\.25\b/g, '"monitorBand": 0.3')
    }
    const scorer = await warmScorer(copy.path)
    expect(enabled(scorer).signals).toMatchObject({ touchBand: 0.15, monitorBand: 0.3 })
    expect(states(scorer)).toEqual(['TOUCH', 'IN_MONITOR_BAND', 'IN_MONITOR_BAND'])
    const own = await warmScorer(copy.path, { tuning: { maxAheadMs: Infinity, state: { touchBand: 0.2 } } })
    expect(states(own)).toEqual(['TOUCH', 'TOUCH', 'IN_MONITOR_BAND'])
  })

  test('say by which thresholds the live page of a replay shows fans and outcomes', async () => {
    for (const stage of ['stage_a', 'stage_b']) saysSmallThresholds(inModels(`metadata_${stage}_full.json`))
    const bars = ['--bars', join(folder, 'bars.parquet'), '--speed', '0', '--interval-ms', '60000']
    const models = ['--model-dir', inModels(), '--allow-missing', 'physics']
    const replay = launch(SCORER, ['replay', ...bars, ...models, '--ui', '--http-port', '0'])
    try {
      const url = (await replay.said(/^live page: /)).slice('live page: '.length)
      const session = await fetch(`${url}/session`)
      expect(await session.json()).toMatchObject({ thresholds: [0.5, 1] })
    } finally {
      replay.signal('SIGTERM')
      await replay.ended
    }
  })

  test('a feature that no source gives is refused by name, unless it is allowed to be missing', async () => {
    const blind = { ...optionsOf(copy.path), env: { VIEWPORT_SCORING_ENABLED: 'true' } }
    await expect(createViewportScorer(blind)).rejects.toThrow(
      /features: live features: no source provides .*\btape_imbalance\b/,
    )
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
    const viewports = snapshots.map((snapshot) => scorer.viewportOf(snapshot))
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
    for (const name of [...bundles.keys()].map((head) => `${head}_stage_a_full.onnx`).concat(lawFiles()))
      copyFileSync(inOther(name), inModels(name))
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
    const names = [
      'metadata_stage_a_full.json',
      ...[...bundles.keys()].map((head) => `${head}_stage_a_full.onnx`),
    ].concat(lawFiles())
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
    await scorer.close()
    expect(scorer.score(first)).toEqual(first)
    expect(scorer.viewportOf(first)).toBeUndefined()
  })
})

/** Files of the law of the other models. */
const lawFiles = (): string[] => readdirSync(join(folder, 'other_models')).filter((name) => name.startsWith('law_'))

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
