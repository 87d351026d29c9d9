import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Body,
  collect,
  inProcess,
  jobId,
  onThreads,
  plan as planJobs,
  resultFolder,
  sha256,
} from '@breakwater/jobs'
import {
  anchorFeatures,
  ask,
  describeSet,
  fitOnRows,
  fitSet,
  locate,
  planFit,
  type SetDescription,
  tableAtAnchor,
  targetsOf,
  trainingRows,
} from '@breakwater/models'
import {
  askFoldsByJobs,
  dataFiles,
  dataHash,
  fitSetByJobs,
  type JobData,
  jobsOfFold,
  keepBars,
  openData,
  program,
} from '@breakwater/models/jobs'
import { loadSignals } from '@breakwater/models/node'
import { encodeBundle } from '@breakwater/trees'
import { fitEncoder, STAGES } from '@breakwater/features'
import { writeTable } from '@breakwater/features/parquet'
import { createSearcher } from '@breakwater/retrieval'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { bars, ORIGIN, REQUEST, sampleSet, sampleSignals, TREES } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'breakwater-fit-jobs-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const SCHEMA_FILE = fileURLToPath(new URL('../../../data/features.json', import.meta.url))
const request = {
  ...REQUEST,
  plan: { ...REQUEST.plan, folds: 1 },
  anchors: ['2min', '4min'] as const,
  ablation: 'ta' as const,
}

/** All that is written of a set. */
const bytesOf = (set: SetDescription): object => ({
  ...set,
  bundles: [...set.bundles].map(([name, bundle]) => [name, Buffer.from(encodeBundle(bundle)).toString('base64')]),
})

test.each([
  ['without bars', undefined, false],
  ['with the bars of its law', bars(), false],
  ['and once more on all sessions', bars(), true],
])(
  'a set trained by jobs %s is the set that is trained at once, byte for byte, and is not trained twice',
  async (name, given, final) => {
    const signals = sampleSignals()
    const fitPlan = planFit(signals, request)
    const [planned] = fitPlan.sets
    if (planned === undefined) throw new Error('a set is planned')
    const fit = { trees: TREES, calibrationFolds: 1, bars: given, final }
    const wanted = bytesOf(describeSet(await fitSet(fitPlan, planned, fit), ORIGIN))
    const results = resultFolder(join(root, 'here', name))
    const computed: string[] = []
    const counting =
      (body: Body<JobData>): Body<JobData> =>
      (job, context) => {
        computed.push(jobId(job))
        return body(job, context)
      }
    const counted = {
      ...program,
      version: program.version,
      bodies: Object.fromEntries(Object.entries(program.bodies).map(([kind, body]) => [kind, counting(body)])),
    }
    const executor = inProcess({
      program: counted,
      dataOf: () => Promise.resolve({ signals, bars: given }),
      threads: 2,
    })
    const options = { executor, results, program: program.version }
    expect(bytesOf(describeSet(await fitSetByJobs(fitPlan, planned, fit, options), ORIGIN))).toEqual(wanted)
    // A fold with an inner one, and a final fit: two anchors and a law of each, which takes two. Then what the fold serves, and what columns add beyond its law.
    const jobs = (final ? 12 : 8) + 2
    expect(computed).toHaveLength(jobs)
    expect(bytesOf(describeSet(await fitSetByJobs(fitPlan, planned, fit, options), ORIGIN))).toEqual(wanted)
    expect(computed).toHaveLength(jobs)
    expect(new Set(computed).size).toBe(jobs)
  },
  600_000,
)

test('sets of the same sessions fit what of their laws sees no feature once, and are what each is alone', async () => {
  const signals = sampleSignals()
  const computed: string[] = []
  const baseBody = program.bodies['base'] as Body<JobData>
  const base: Body<JobData> = (job, context) => {
    computed.push(jobId(job))
    return baseBody(job, context)
  }
  const counted = { ...program, version: program.version, bodies: { ...program.bodies, base } }
  const executor = inProcess({ program: counted, dataOf: () => Promise.resolve({ signals }), threads: 2 })
  const fit = { trees: TREES, calibrationFolds: 1, bars: undefined }
  for (const stage of STAGES) {
    const fitPlan = planFit(signals, { ...request, stage, ablation: 'full', anchors: ['4min'] })
    const [set] = fitPlan.sets
    if (set === undefined) throw new Error('a set is planned')
    const options = { executor, results: resultFolder(join(root, 'shared')), program: program.version }
    const alone = await fitSet(fitPlan, set, fit)
    const shared = await fitSetByJobs(fitPlan, set, fit, options)
    expect(bytesOf(describeSet(shared, ORIGIN))).toEqual(bytesOf(describeSet(alone, ORIGIN)))
    // Of the fold and of its inner one.
    expect(computed).toHaveLength(2)
  }
}, 600_000)

test('threads that read the signals from files make the same bytes', async () => {
  const { table } = sampleSignals()
  const file = join(root, 'signals.parquet')
  await writeTable(file, table, { metadata: {} })
  const place = { schemaFile: SCHEMA_FILE, paths: [file] }
  const signals = await loadSignals(place)
  const data = dataFiles({ signals }, place)
  expect(data.hash).toBe(dataHash({ signals }))
  await expect(openData({ ...data, hash: 'f'.repeat(64) })).rejects.toThrow(
    /^models: the data's hash is [0-9a-f]{12}, not f{12}: /,
  )
  const fitPlan = planFit(signals, { ...request, ablation: 'ta', anchors: ['4min'] })
  const [set] = fitPlan.sets
  const [fold] = fitPlan.plan.folds
  if (set === undefined || fold === undefined) throw new Error('a set is planned')
  const jobs = jobsOfFold(
    {
      signals,
      data: data.hash,
      program: program.version,
      stage: fitPlan.stage,
      ablation: set.ablation,
      trees: TREES,
      targets: fitPlan.targets,
      groups: set.groups,
      labelSeconds: 240 + signals.lookforwardSeconds,
    },
    fold,
  )
  const module = import.meta.resolve('@breakwater/models/jobs')
  const executors = {
    here: inProcess({ program, dataOf: () => Promise.resolve({ signals }), threads: 1 }),
    threads: onThreads({ module, threads: 2, filesOf: () => Promise.resolve(data) }),
  }
  const found: (Buffer | null)[] = []
  for (const [name, executor] of Object.entries(executors)) {
    const results = resultFolder(join(root, name))
    for await (const { id, status } of collect(await planJobs(jobs, results), executor, results)) {
      expect(status).toBe('done')
      found.push(Buffer.from((await results.read(id)) ?? []))
    }
  }
  expect(found).toHaveLength(2)
  expect(found[0]?.length).toBeGreaterThan(1000)
  expect(found[0]?.equals(found[1] ?? Buffer.of())).toBe(true)
}, 600_000)

test('bars that travel are those that were read, and others are refused', async () => {
  const file = join(root, 'with-bars.parquet')
  await writeTable(file, sampleSignals().table, { metadata: {} })
  const place = { schemaFile: SCHEMA_FILE, paths: [file] }
  const data = { signals: await loadSignals(place), bars: bars() }
  const files = dataFiles(data, { ...place, barsFile: await keepBars(join(root, 'kept'), data.bars) })
  expect(files.hash).not.toBe(dataHash({ signals: data.signals }))
  expect((await openData(files)).bars).toEqual(data.bars)
  await keepBars(join(root, 'kept'), bars(undefined, 9))
  await expect(openData(files)).rejects.toThrow(/^models: the data's hash is [0-9a-f]{12}, not [0-9a-f]{12}: /)
}, 600_000)

test('folds of an index that are asked by jobs say what an index fitted and asked by hand says, here and on threads', async () => {
  const file = join(root, 'indexed.parquet')
  await writeTable(file, sampleSignals().table, { metadata: {} })
  const where = { schemaFile: SCHEMA_FILE, paths: [file] }
  const signals = await loadSignals(where)
  const { set } = await sampleSet(signals)
  const folds = trainingRows(set.details, signals)
  const { features } = anchorFeatures(set.bundles, signals.schema, '4min')
  const options = { k: 12, episodeCap: 2, anchor: '4min' } as const
  const { predictions } = set
  const question = { signals, predictions, features, folds, options, ks: [3, 12] }
  const executors = {
    here: inProcess({ program, dataOf: () => Promise.resolve({ signals }), threads: 2 }),
    threads: onThreads({
      module: import.meta.resolve('@breakwater/models/jobs'),
      threads: 2,
      filesOf: () => Promise.resolve(dataFiles({ signals }, where)),
    }),
  }
  const files: string[][] = []
  for (const [name, executor] of Object.entries(executors)) {
    const folder = join(root, 'index', name)
    const run = { executor, results: resultFolder(folder), program: program.version }
    const answers = await askFoldsByJobs(question, run)
    files.push(hashesIn(folder))
    expect([...answers.keys()]).toEqual([3, 12])
    const located = locate(signals.table, predictions)
    for (const { fold, train } of folds) {
      const places = [...predictions.fold.keys()].filter((place) => predictions.fold[place] === fold)
      const encoder = fitEncoder(tableAtAnchor(features, signals.table, '4min'), features, { rows: train })
      const labelled = { signals, targets: targetsOf(set.details, signals) }
      const { index, matrix } = fitOnRows(labelled, { encoder, mask: train }, options)
      const searcher = createSearcher(index)
      const width = matrix.columns.length
      const byHand = await ask(
        {
          query: (rows, asked) =>
            Promise.resolve(asked.map((each, i) => searcher.query(rows.subarray(i * width, (i + 1) * width), each))),
        },
        {
          table: signals.table,
          matrix,
          rows: Int32Array.from(places, (place) => located[place] ?? -1),
          anchor: '4min',
          k: 3,
        },
        undefined,
        () => undefined,
      )
      expect(places.length).toBeGreaterThan(0)
      for (const [i, place] of places.entries()) {
        const { pBreak, pBreakGivenTradeable, pTradeable2, rung, distancePercentile } = byHand[i] ?? {}
        const wanted = { pBreak, pBreakGivenTradeable, pTradeable2, rung, distancePercentile }
        for (const [column, value] of Object.entries(wanted)) {
          expect(answers.get(3)?.[column as keyof typeof wanted][place]).toBe(value ?? Number.NaN)
        }
      }
    }
  }
  expect(files[0]).toHaveLength(folds.length)
  expect(files[1]).toEqual(files[0])
}, 600_000)

/** Names of the results in a folder, which are their jobs' ids, with their hashes. */
function hashesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.result'))
  return names.toSorted().map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`)
}
