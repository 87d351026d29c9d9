import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listVersions, selectVersion } from '@breakwater/formats/node'
import {
  checkSignals,
  describeSet,
  divideDates,
  fitSet,
  forecastTable,
  locate,
  planFit,
  predictionsFile,
  probabilityHeads,
  type SetDescription,
} from '@breakwater/models'
import { findSets, loadDetails, loadSet, writeSet } from '@breakwater/models/node'
import { incoherence } from '@breakwater/passage'
import { metadataFile, trainHeadsParallel } from '@breakwater/trees/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bars as sampleBars, DATES, ORIGIN, REQUEST, sampleSet, sampleSignals, TREES } from './sample.ts'

const signals = sampleSignals()
const { plan, set } = await sampleSet(signals)
const folder = mkdtempSync(join(tmpdir(), 'breakwater-set-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const NAME = { stage: 'stage_b', ablation: 'full' }

/** What the groups of a stage's heads see of the anchor. */
const readings = (stage: 'stage_a' | 'stage_b'): (string | undefined)[] =>
  planFit(signals, { ...REQUEST, stage, ablation: 'full' }).sets.flatMap(({ groups }) =>
    groups.flatMap(({ features }) => features.map(({ name }) => name).filter((name) => name.startsWith('moved'))),
  )

describe('a fitted set', () => {
  test('sees where price stands at the anchor in stage B, which serves from then on, and not in stage A', () => {
    expect(readings('stage_b')).toEqual(plan.sets[0]?.groups.flatMap(() => ['moved', 'moved_atr']))
    expect(readings('stage_a')).toEqual([])
    const { golden } = set.bundles.get('direction')?.description ?? {}
    expect(golden?.values).toMatchObject({ moved: expect.any(Number) as number })
  })

  test('is the same whatever trains its heads, and reports how far it has come', async () => {
    const [planned] = plan.sets
    if (planned === undefined) throw new Error('a set is planned')
    const reports: number[] = []
    const fitted = await fitSet(plan, planned, {
      trees: TREES,
      calibrationFolds: 1,
      train: (matrix, heads, options) => trainHeadsParallel(matrix, heads, { ...options, threads: 2 }),
      onProgress: ({ done, fold, folds }) => {
        reports.push(done)
        expect([0, 1]).toContain(fold)
        expect(folds).toBe(2)
      },
    })
    expect(describeSet(fitted, ORIGIN)).toEqual(set)
    expect(reports.every((share) => share > 0 && share <= 1)).toBe(true)
    expect(reports.at(-1)).toBeGreaterThan(0.9)
  })

  test('stops with the reason of the signal', async () => {
    const [planned] = plan.sets
    if (planned === undefined) throw new Error('a set is planned')
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(fitSet(plan, planned, { trees: TREES, calibrationFolds: 0, signal })).rejects.toThrow('enough')
  })

  test('has predictions of the test rows of both folds alone, by models that saw only earlier sessions', () => {
    const rows = locate(signals.table, set.predictions)
    const { date } = signals.table.columns
    if (date?.type !== 'string') throw new Error('dates are strings')
    const dates = Array.from(rows, (row) => date.dictionary[date.codes[row] ?? -1])
    expect([...new Set(dates)]).toEqual(DATES.slice(6, 10))
    const [first, last] = set.details.plan.folds
    expect(new Set(dates.filter((_, i) => set.predictions.fold[i] === 0))).toEqual(new Set(first?.test))
    expect(last?.train).toEqual(DATES.slice(0, 7))
  })

  test('leaves out the ablations that its stage has no features for, when all are asked for', () => {
    const all = planFit(signals, { ...REQUEST, stage: 'stage_a', ablation: 'all' })
    expect(all.sets.map(({ ablation }) => ablation)).toEqual(['full', 'mechanics'])
    expect(all.leftOut).toEqual(['ta'])
    expect(() => planFit(signals, { ...REQUEST, stage: 'stage_a', ablation: 'ta' })).toThrow('the feature set is empty')
  })
})

describe('what a set serves', () => {
  test('is chosen in each fold by forecasts out of fold, with a reason, and is coherent in every row', () => {
    const { serving } = set.details
    expect(serving.map(({ fold }) => fold)).toEqual([0, 1])
    for (const { kind, reason } of serving)
      expect(reason).toMatch(kind === 'law' ? /the law is served$/ : /made coherent$/)
    const spec = set.law?.path.spec
    if (spec === undefined) throw new Error('the set has a law')
    const columns = probabilityHeads(spec).map((name) => set.predictions.served.get(name))
    const worst = Array.from(set.predictions.eventIds.keys(), (row) =>
      incoherence(spec, Float64Array.from([...columns.map((column) => column?.[row] ?? Number.NaN), 0, 0, 0, 0])),
    )
    // Past the session's end there is no surface, and no target.
    expect(worst.filter((breach) => breach > 1e-9).length).toBeLessThan(0.05 * worst.length)
    expect(worst.filter((breach) => breach <= 1e-9).length).toBeGreaterThan(400)
  })

  test('reads bars where there are any: another volatility, and no law for a table whose bars are absent', async () => {
    const [planned] = plan.sets
    if (planned === undefined) throw new Error('a set is planned')
    const bars = sampleBars()
    const withBars = describeSet(await fitSet(plan, planned, { trees: TREES, calibrationFolds: 0, bars }), ORIGIN)
    expect([set.details.law?.bars, withBars.details.law?.bars]).toEqual([false, true])
    expect(withBars.law?.path.volatility.profile).toHaveLength(390)
    expect(withBars.details.serving.at(-1)?.reason).toBe('no out-of-fold forecasts of both: the law is served')
    const without = forecastTable(withBars, signals.table)
    expect([without.law.size, without.tilted.size]).toEqual([0, 0])
    const forecast = forecastTable(withBars, signals.table, { bars, state: signals.state })
    const rows = locate(signals.table, withBars.predictions)
    const last = [...rows.keys()].filter((i) => withBars.predictions.fold[i] === 1)
    for (const [name, values] of withBars.predictions.tilted) {
      const again = at(
        forecast.tilted.get(name),
        last.map((i) => rows[i] ?? -1),
      )
      expect(again).toEqual(at(values, last))
      expect(withBars.predictions.served.get(name)).toEqual(served(withBars, name))
    }
  })
})

/** The law's forecast, or the heads' own where the law has none. */
const served = ({ predictions }: SetDescription, name: string): Float64Array | undefined =>
  predictions.served.get(name)?.map((value, i) => {
    const law = predictions.tilted.get(name)?.[i] ?? Number.NaN
    return Number.isNaN(law) ? value : law
  })

const at = (values: Float64Array | undefined, places: readonly number[]): number[] =>
  places.map((place) => values?.[place] ?? Number.NaN)

describe('forecastTable', () => {
  test('gives the recorded predictions of the last fold again, raw, calibrated and by the law, to the bit', () => {
    const forecast = forecastTable(set, signals.table)
    const rows = locate(signals.table, set.predictions)
    const last = [...rows.keys()].filter((i) => set.predictions.fold[i] === 1)
    for (const kind of ['heads', 'calibrated', 'law', 'tilted'] as const) {
      expect(new Set(set.predictions[kind].keys())).toEqual(new Set(forecast[kind].keys()))
      expect(set.predictions[kind].size).toBeGreaterThan(6)
      for (const [name, values] of set.predictions[kind]) {
        const again = at(
          forecast[kind].get(name),
          last.map((i) => rows[i] ?? -1),
        )
        expect(again).toEqual(at(values, last))
        // The law knows no anchor past the session's end.
        const missing = again.filter((value) => Number.isNaN(value)).length
        expect(missing).toBeLessThanOrEqual(kind === 'law' || kind === 'tilted' ? 0.1 * again.length : 0)
      }
    }
  })

  test('has the law alone beside the law with its tilt: what the law would say had no feature tilted it', () => {
    const { law } = set
    if (law === null) throw new Error('the set has a law')
    expect(law.path.tilt).not.toBeNull()
    const { predictions } = set
    const without = forecastTable({ ...set, law: { ...law, path: { ...law.path, tilt: null } } }, signals.table)
    expect(forecastTable(set, signals.table).law).toEqual(without.tilted)
    const direction = [predictions.law, predictions.tilted].map((columns) => columns.get('direction') ?? [])
    const moved = Array.from(direction[0] ?? [], (p, row) => Math.abs(p - (direction[1]?.[row] ?? Number.NaN)))
    expect(moved.filter((size) => size > 0.01).length).toBeGreaterThan(10)
  })

  test('is asked about dates that no model saw: those tested in training are recorded, those after it lie beyond', () => {
    expect(divideDates(set, [DATES[6] ?? '', DATES[11] ?? ''])).toEqual({ recorded: [DATES[6]], beyond: [DATES[11]] })
    expect(() => divideDates(set, [DATES[5] ?? ''])).toThrow(
      `models: testDates ${DATES[5]}: walk-forward violation: the models were trained, stopped or calibrated on these dates.`,
    )
    expect(() => divideDates(set, ['2024-01-02'])).toThrow(
      'models: testDates 2024-01-02: walk-forward violation: these dates lie before 2024-03-13, which the models saw.',
    )
  })
})

describe('a set on disk', () => {
  beforeAll(async () => {
    await writeSet(folder, set, ORIGIN)
  })

  test('is read back as it was, every value to the bit', async () => {
    expect(findSets(folder, {})).toEqual([NAME])
    const { details, bundles, skipped, law, predictions, metadata } = await loadSet(folder, NAME)
    const { predictions: file, ...rest } = details
    const { file: lawFile, sha256 } = rest.law ?? {}
    expect(rest).toEqual({ ...set.details, law: { ...set.details.law, file: lawFile, sha256 } })
    expect(lawFile).toMatch(/^versions\/[0-9a-f]{16}\/law_stage_b_full\.json$/)
    expect(law).toEqual(set.law)
    expect(file).toMatchObject({
      file: expect.stringMatching(/^versions\/[0-9a-f]{16}\/predictions_stage_b_full\.parquet$/) as string,
      role: 'test',
    })
    expect(await loadDetails(folder, NAME)).toEqual(details)
    expect(predictions).toEqual(set.predictions)
    expect(skipped).toEqual(set.skipped)
    expect(metadata.timestamp).toBe(ORIGIN.timestamp)
    expect([...bundles.keys()]).toEqual([...set.bundles.keys()])
    const forecast = forecastTable({ details, bundles, law }, signals.table)
    expect(forecast).toEqual(forecastTable(set, signals.table))
    // The bundles, and the metadata, the predictions, the law with the ensembles that it kept, and the folder of versions.
    const kept = [law?.path.correction, law?.path.tilt].filter((model) => model !== null)
    expect(readdirSync(folder)).toHaveLength(set.bundles.size + 4 + kept.length)
  })

  test('is refused where a file is changed, absent, or was never written', async () => {
    const other = mkdtempSync(join(tmpdir(), 'breakwater-changed-'))
    try {
      expect(() => findSets(other, NAME_FILTER)).toThrow(`models: ${other}: model bundle missing.`)
      const { version } = await writeSet(other, set, ORIGIN)
      expect(() => findSets(other, { stages: ['stage_a'] })).toThrow(
        'model bundle missing (there are: stage_b full). Run `breakwater train` first',
      )
      const path = join(version, predictionsFile(NAME))
      writeFileSync(path, 'changed')
      await expect(loadSet(other, NAME)).rejects.toThrow(`models: ${path}: its SHA-256 is not the one in the metadata`)
      rmSync(path)
      const beside = join(other, predictionsFile(NAME))
      await expect(loadSet(other, NAME)).rejects.toThrow(
        `models: ${beside}: its SHA-256 is not the one in the metadata`,
      )
      rmSync(beside)
      await expect(loadSet(other, NAME)).rejects.toThrow(`models: ${beside}: the predictions are missing`)
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  })

  test('is read without its versions, as it was written before there were any, and from the folder of a version', async () => {
    const other = mkdtempSync(join(tmpdir(), 'breakwater-flat-'))
    try {
      const { version } = await writeSet(other, set, ORIGIN)
      expect((await loadSet(version, NAME)).predictions).toEqual(set.predictions)
      const pointer = join(other, metadataFile(NAME.stage, NAME.ablation))
      writeFileSync(pointer, readFileSync(pointer, 'utf8').replaceAll(/versions\/\w+\//g, ''))
      rmSync(join(other, 'versions'), { recursive: true })
      const { bundles, predictions, details } = await loadSet(other, NAME)
      expect([...bundles.keys()]).toEqual([...set.bundles.keys()])
      expect(predictions).toEqual(set.predictions)
      expect(details.predictions.file).toBe(predictionsFile(NAME))
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  })

  test('of another training replaces it as one: whoever reads meanwhile sees one or the other', async () => {
    const other = mkdtempSync(join(tmpdir(), 'breakwater-two-'))
    try {
      const times = ['2025-01-01T00:00:00.000Z', '2025-01-02T00:00:00.000Z']
      const [first = '', second = ''] = times
      const { version: older } = await writeSet(other, set, { timestamp: first })
      const written = new AbortController()
      const seen = new Set<string>()
      const reading = (async () => {
        while (!written.signal.aborted) seen.add((await loadSet(other, NAME)).metadata.timestamp)
      })()
      const { version } = await writeSet(other, set, { timestamp: second })
      written.abort()
      await reading
      expect(times).toEqual(expect.arrayContaining([...seen]))
      const versions = await listVersions(other)
      expect(versions.map(({ folder: place, isCurrent }) => [place, isCurrent])).toEqual([
        [version, true],
        [older, false],
      ])
      const [, before] = versions
      if (before !== undefined) await selectVersion(other, before)
      expect((await loadSet(other, NAME)).metadata.timestamp).toBe(first)
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  })

  test('belongs to the signals that it was trained on', () => {
    expect(() => checkSignals(set.details, signals, 'a set')).not.toThrow()
    expect(() => checkSignals(set.details, { ...signals, hash: 'another' }, 'a set')).toThrow(
      'models: the signals in sample are not those that a set was trained on (hash another, not sample 8). Pass those, or train again.',
    )
  })
})

const NAME_FILTER = { stages: ['stage_b'], ablations: ['all'] }
