import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeTable, fitEncoder, liveNeeds } from '@breakwater/features'
import {
  describeSet,
  divideDates,
  emptyCounts,
  type FitRequest,
  fitRegression,
  fitSet,
  type FittedSet,
  fittedDates,
  indexDates,
  momentsAt,
  planFit,
  servedRows,
  tableAtAnchor,
} from '@breakwater/models'
import { loadModels, type LoadRequest, loadSet, writeSet } from '@breakwater/models/node'
import { firstTrees, trainHeads, treeCount } from '@breakwater/trees'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATES, ORIGIN, REQUEST, sampleSignals, TREES } from './sample.ts'

const DAYS = DATES.slice(0, 10)
const signals = sampleSignals()
const plan = planFit(signals, REQUEST)
const [planned] = plan.sets
if (planned === undefined) throw new Error('a set is planned')
const fit = { trees: TREES, calibrationFolds: 1 }
const walked = await fitSet(plan, planned, fit)
const fitted = await fitSet(plan, planned, { ...fit, final: true })
const [before, set] = [describeSet(walked, ORIGIN), describeSet(fitted, ORIGIN)]
const lower = (counts: readonly number[]): number =>
  counts.toSorted((a, b) => a - b)[Math.floor((counts.length - 1) / 2)] ?? -1
const all = new Uint8Array(signals.table.rows).fill(1)

/** The fit of all sessions. */
const final = (): NonNullable<FittedSet['final']> => {
  if (fitted.final === undefined) throw new Error('the set has a final fit')
  return fitted.final
}

describe('a final fit', () => {
  test('is trained on every session with the median of the trees that the folds chose: the bytes of a training by hand', async () => {
    expect(final().fold.train).toEqual(DAYS)
    expect(final().fold.counts).toMatchObject({ train: signals.table.rows, purged: 0 })
    const [group] = planned.groups
    if (group === undefined) throw new Error('a group is planned')
    const table = tableAtAnchor(group.features, signals.table, group.anchor)
    const encoder = fitEncoder(table, group.features, { rows: all })
    const { matrix } = encodeTable(encoder, table)
    const rounds = new Map<string, number>()
    for (const { name } of group.targets) {
      const counts = fitted.folds.flatMap(({ outcomes }) =>
        outcomes.flatMap((one) => (one.name === name && one.status === 'trained' ? [one.trees] : [])),
      )
      if (counts.length > 0) rounds.set(name, lower(counts))
    }
    expect([...set.bundles.keys()]).toEqual([...rounds.keys()])
    for (const [name, chosen] of rounds) {
      const target = group.targets.find((one) => one.name === name)
      if (target === undefined) throw new Error(`${name} has a target`)
      const { learningRate, maxDepth, seed } = TREES
      const head = {
        name,
        objective: target.task === 'binary' ? ('logistic' as const) : ('squared' as const),
        labels: target.values,
        train: target.mask,
      }
      // No validation rows, and no more rounds than the median: what comes out is all that was grown.
      const options = { rounds: Math.max(1, chosen), learningRate, maxDepth, seed, binningRows: all }
      const [result] = await trainHeads(matrix, [head], options)
      if (result?.status !== 'trained') throw new Error(`${name} is trained`)
      const { model, description } = set.bundles.get(name) ?? {}
      expect(model).toEqual(firstTrees(result.model, chosen))
      expect(description?.dates).toEqual({ train: DAYS, validation: [], calibration: [], test: [] })
    }
    expect(Math.max(...rounds.values())).toBeGreaterThan(1)
    expect(new Set(rounds.values()).size).toBeGreaterThan(1)
  })

  test('keeps the maps, the calibration of the law, its uncertainty and the choice of what is served of the last fold', () => {
    for (const [name, { description }] of set.bundles) {
      expect(description.calibrator).toEqual(before.bundles.get(name)?.description.calibrator)
    }
    expect(set.law?.path.calibration).toEqual(before.law?.path.calibration)
    expect(set.law?.path.uncertainty).toEqual(before.law?.path.uncertainty)
    expect(set.details.serving).toEqual(before.details.serving)
  })

  test('has a law of every session: its volatility is the regression of all rows, its ensembles have the folds’ median of trees', () => {
    const moments = momentsAt({ ...signals, bars: undefined }, ['4min'], null)
    const usable = Uint8Array.from(moments.touchRows, (_, i) => {
      const moved = moments.table.columns['moved']
      const window = moments.table.columns['window_s']
      if (moved?.type !== 'number' || window?.type !== 'number') throw new Error('moments have numbers')
      return Number(Number.isFinite(moved.values[i]) && (window.values[i] ?? 0) > 0)
    })
    const request = { moments: moments.table, train: usable, windowSeconds: signals.lookforwardSeconds, profile: null }
    const byHand = fitRegression(request)
    for (const [i, coefficient] of byHand.coefficients.entries()) {
      expect(set.law?.path.volatility.coefficients[i]).toBeCloseTo(coefficient, 9)
    }
    const fits = fitted.folds.flatMap(({ law }) => (law.status === 'fitted' ? [law.fit] : []))
    const { path } = set.law ?? {}
    const trees = [path?.correction, path?.tilt].map((model) => (model ? treeCount(model) : 0))
    expect(trees).toEqual([
      lower(fits.map(({ correctionTrees }) => correctionTrees)),
      lower(fits.map(({ tiltTrees }) => tiltTrees)),
    ])
    expect(set.law?.origin.dates.train).toEqual(DAYS)
  })

  test('changes no figure of the evaluation, and the record says whose they are', () => {
    expect(set.predictions).toEqual(before.predictions)
    const { final: record, baseline, heads, ...rest } = set.details
    const { baseline: narrow, heads: walkedHeads, ...same } = before.details
    expect(rest).toEqual(same)
    expect(heads.map((head) => ({ ...head, importance: [] }))).toEqual(
      walkedHeads.map((head) => ({ ...head, importance: [] })),
    )
    expect(baseline).not.toEqual(narrow)
    expect(before.details).not.toHaveProperty('final')
    expect(record).toMatchObject({ dates: DAYS, rows: signals.table.rows, fold: 1 })
    expect(record?.figures).toMatch(/^none: .* the figures of the metadata are those of the walk-forward folds$/)
    expect(record?.heads.map(({ name, trees }) => [name, trees])).toEqual(
      [...set.bundles].map(([name, { model }]) => [name, treeCount(model)]),
    )
    for (const { description } of set.bundles.values()) expect(description.metrics).toEqual({ none: record?.figures })
  })

  test('is scored on no session that it was fitted on: tested ones have the folds’ forecasts, later ones are beyond', () => {
    expect(fittedDates(set)).toEqual(DAYS)
    expect(fittedDates(before)).toEqual(DAYS.slice(0, 8))
    expect(divideDates(set, [DATES[9] ?? '', DATES[10] ?? ''])).toEqual({ recorded: [DATES[9]], beyond: [DATES[10]] })
    expect(() => divideDates(set, [DATES[5] ?? ''])).toThrow('walk-forward violation')
  })

  test('of a plan with a rolling window has as many of the newest sessions as the window', async () => {
    const rolling: FitRequest = { ...REQUEST, plan: { ...REQUEST.plan, trainSessions: 4 } }
    const wanted = planFit(signals, rolling)
    const [one] = wanted.sets
    if (one === undefined) throw new Error('a set is planned')
    const { final: made } = await fitSet(wanted, one, { trees: TREES, calibrationFolds: 0, final: true })
    expect(made?.fold.train).toEqual(DAYS.slice(6))
  })

  test('has an index of every session; without it the index holds the last fold’s training rows', () => {
    const dates = indexDates(set.details, undefined)
    expect(dates.dates).toEqual(DAYS)
    expect(servedRows(set.details, signals, dates)).toEqual(all)
    const earlier = indexDates(before.details, undefined)
    expect(earlier.dates).toEqual(DAYS.slice(0, 7))
    expect(servedRows(before.details, signals, earlier)).not.toEqual(all)
  })
})

describe('a final fit on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-final-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeAll(async () => {
    await writeSet(folder, set, ORIGIN)
  })

  const request: LoadRequest = {
    place: { modelDir: folder, indexPath: null, ablation: 'full', timeframe: '4min' },
    horizons: [60],
    physics: [],
    allowMissing: [...liveNeeds].flatMap(([name, needs]) => (needs.length > 0 ? [name] : [])),
    listedNeighbours: 0,
    timeOf: String,
  }

  test('says how sure its heads are by the last folds that trained them, and is refused where that is damaged', async () => {
    const binary = before.details.heads.filter(({ name, task }) => task === 'binary' && set.bundles.has(name))
    expect(Object.keys(set.details.headUncertainty ?? {}).toSorted()).toEqual(binary.map(({ name }) => name).toSorted())
    expect(set.details.headUncertainty).toEqual(before.details.headUncertainty)
    for (const { sessions, at } of Object.values(set.details.headUncertainty ?? {})) {
      expect(sessions).toBeGreaterThan(1)
      expect(Math.min(...at.flatMap(({ trees, groups }) => [trees, groups]))).toBeGreaterThanOrEqual(0)
    }
    const path = join(folder, 'metadata_stage_b_full.json')
    const text = readFileSync(path, 'utf8')
    const metadata = JSON.parse(text) as { details: Record<string, unknown> }
    writeFileSync(path, JSON.stringify({ ...metadata, details: { ...metadata.details, headUncertainty: { x: 1 } } }))
    await expect(loadModels(request, emptyCounts())).rejects.toThrow(
      /metadata_stage_b_full\.json: details\.headUncertainty\.x/,
    )
    const { headUncertainty: _none, ...older } = metadata.details
    writeFileSync(path, JSON.stringify({ ...metadata, details: older }))
    const { models } = await loadModels(request, emptyCounts())
    const heads = models.stage_b.predictor
    if (heads === null) throw new Error('heads are loaded')
    const size = heads.heads.length
    const out = { values: new Float64Array(size), low: new Float64Array(size), high: new Float64Array(size) }
    heads.predict(new Float32Array(heads.width), 1, out)
    const places = [...heads.heads.keys()].filter((h) => !heads.heads[h]?.startsWith('strength'))
    expect(places.map((h) => [out.low[h], out.high[h]])).toEqual(places.map(() => [Number.NaN, Number.NaN]))
    writeFileSync(path, text)
  })

  test('is read back with its record', async () => {
    const read = await loadSet(folder, { stage: 'stage_b', ablation: 'full' })
    expect(read.details.final).toEqual(set.details.final)
    expect(read.law).toEqual(set.law)
    expect(read.predictions).toEqual(before.predictions)
    const metadata = readFileSync(join(folder, 'metadata_stage_b_full.json'), 'utf8')
    expect(metadata).toContain('those of the walk-forward folds')
  })

  test('is loaded and served: its models, and the session that it was fitted to', async () => {
    const { models, reports } = await loadModels(request, emptyCounts())
    expect(reports.stage_b?.fittedTo).toBe(DAYS.at(-1))
    const { predictor } = models.stage_b
    expect(predictor?.heads).toContain('direction')
  })
})
