import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Body, collect, inProcess, jobId, onThreads, plan as planJobs, resultFolder } from '@breakwater/jobs'
import { describeSet, fitSet, planFit, type SetDescription } from '@breakwater/models'
import {
  dataHash,
  fitSetByJobs,
  type JobData,
  jobsOfFold,
  openSignals,
  program,
  signalsFiles,
} from '@breakwater/models/jobs'
import { loadSignals } from '@breakwater/models/node'
import { encodeBundle } from '@breakwater/trees'
import { writeTable } from '@breakwater/features/parquet'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ORIGIN, REQUEST, sampleSignals, TREES } from './sample.ts'

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

test('a set trained by jobs is the set that is trained at once, byte for byte, and is not trained twice', async () => {
  const signals = sampleSignals()
  const fitPlan = planFit(signals, request)
  const [planned] = fitPlan.sets
  if (planned === undefined) throw new Error('a set is planned')
  const fit = { trees: TREES, calibrationFolds: 1 }
  const wanted = bytesOf(describeSet(await fitSet(fitPlan, planned, fit), ORIGIN))
  const results = resultFolder(join(root, 'here'))
  const computed: string[] = []
  const counting =
    (kind: 'fold' | 'law'): Body<JobData> =>
    (job, context) => {
      computed.push(jobId(job))
      return program.bodies[kind]?.(job, context) ?? Promise.reject(new Error('no body'))
    }
  const counted = {
    ...program,
    version: program.version,
    bodies: {
      fold: counting('fold'),
      law: counting('law'),
    },
  }
  const executor = inProcess({ program: counted, dataOf: () => Promise.resolve({ signals }), threads: 2 })
  const options = { executor, results, program: program.version }
  expect(bytesOf(describeSet(await fitSetByJobs(fitPlan, planned, fit, options), ORIGIN))).toEqual(wanted)
  // A fold with an inner one: two anchors and a law of each.
  expect(computed).toHaveLength(6)
  expect(bytesOf(describeSet(await fitSetByJobs(fitPlan, planned, fit, options), ORIGIN))).toEqual(wanted)
  expect(computed).toHaveLength(6)
  expect(new Set(computed).size).toBe(6)
}, 600_000)

test('threads that read the signals from files make the same bytes', async () => {
  const { table } = sampleSignals()
  const file = join(root, 'signals.parquet')
  await writeTable(file, table, { metadata: {} })
  const place = { schemaFile: SCHEMA_FILE, paths: [file] }
  const signals = await loadSignals(place)
  const data = signalsFiles(signals, place)
  expect(data.hash).toBe(dataHash(signals))
  await expect(openSignals({ ...data, hash: 'f'.repeat(64) })).rejects.toThrow(
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
  expect(readdirSync(root).toSorted()).toEqual(['here', 'signals.parquet', 'threads'])
}, 600_000)
