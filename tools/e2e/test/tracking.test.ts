import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT, temporaryFolder, trainer, trainerJson } from './run-trainer.ts'

const temporary = temporaryFolder()
afterAll(temporary.remove)
const cwd = temporary.path
const SCHEMA = ['--schema', join(ROOT, 'data', 'features.json')]
const FEW = ['--anchors', '4min', '--horizons', '60']
const SMALL = ['--rounds', '5', '--folds', '1', ...FEW, '--calibration-folds', '0', '--threads', '1']
const ON = { cwd, env: { BREAKWATER_TRACKING: '', WANDB_MODE: 'offline' } }

beforeAll(async () => {
  await writeSimulation(cwd, simulate({ sessions: 12, seed: 3 }))
  const bars = ['signals', '--bars', 'bars.parquet', '--physics', 'physics.parquet', '--output', 'signals.parquet']
  const { code, err } = await trainer(bars, { cwd })
  if (code !== 0) throw new Error(err)
})

interface RunFiles {
  readonly folder: string
  readonly status: number
  readonly tags: Readonly<Record<string, string>>
  readonly metrics: readonly string[]
}

interface Evaluation {
  readonly sets: readonly unknown[]
  readonly provenance: { readonly timestamp: string }
}

/** The runs of the mlruns folder. */
function runs(): RunFiles[] {
  const root = join(cwd, 'data', 'ml', 'tracking', 'mlruns')
  if (!existsSync(root)) return []
  const folders = readdirSync(root).flatMap((experiment) =>
    readdirSync(join(root, experiment))
      .filter((name) => /^[0-9a-f]{32}$/.test(name))
      .map((name) => join(root, experiment, name)),
  )
  return folders.map((folder) => ({
    folder,
    status: Number(/^status: (\d)$/m.exec(readFileSync(join(folder, 'meta.yaml'), 'utf8'))?.[1]),
    tags: Object.fromEntries(
      readdirSync(join(folder, 'tags')).map((name) => [name, readFileSync(join(folder, 'tags', name), 'utf8')]),
    ),
    metrics: readdirSync(join(folder, 'metrics')),
  }))
}

/** A page without the times at which it was made. */
const withoutTimes = (page: string): string => page.replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d[:.\dZ]*/g, 'then')

const FINISHED = 3
const FAILED = 4
const KILLED = 5

test('a training says where its runs are; --tracking none records nothing', async () => {
  const args = ['train', '--data-path', 'signals.parquet', '--output-dir', 'models', ...SMALL, ...SCHEMA]
  const silent = await trainer([...args, '--tracking', 'none'], ON)
  expect(silent.code).toBe(0)
  expect(silent.err).not.toContain('run, ')
  expect(runs()).toEqual([])
  const { code, err } = await trainer(args, ON)
  expect(code).toBe(0)
  expect(err).toMatch(/^MLflow run, in files: .*mlruns/m)
  expect(err).toMatch(/^W&B run, offline: .*\(upload it with: wandb sync .*\)$/m)
  expect(err).toContain('tracking: no git commit was found here: runs have no git_sha tag')
  expect(runs()).toMatchObject([
    { status: FINISHED, tags: { stage: 'stage_b', ablation: 'full', job: 'boosted_trees' } },
  ])
})

test('the run of a training has the page and the figures that evaluate gives of the set', async () => {
  const folder = runs()[0]?.folder ?? ''
  const [json, html] = ['evaluation.json', 'evaluation.html'].map((name) =>
    readFileSync(join(folder, 'artifacts', 'report', name), 'utf8'),
  ) as [string, string]
  const evaluate = ['evaluate', '--data-path', 'signals.parquet', '--model-dir', 'models', '--output-dir', 'told']
  const { evaluation } = await trainerJson<{ evaluation: Evaluation }>([...evaluate, ...SCHEMA], { cwd })
  const recorded = JSON.parse(json) as Evaluation
  expect(recorded.sets).toEqual(evaluation.sets)
  expect(recorded).toEqual({ ...evaluation, provenance: recorded.provenance })
  const told = readFileSync(join(cwd, 'told', 'evaluation.html'), 'utf8')
  expect(withoutTimes(html)).toBe(withoutTimes(told))
  // The files of a W&B run that waits to be uploaded.
  const waiting = readdirSync(join(cwd, 'data', 'ml', 'tracking', 'wandb'), { recursive: true, encoding: 'utf8' })
  expect(waiting.filter((name) => name.endsWith('evaluation.html'))).toHaveLength(1)
})

test('a job that fails is a failed run, and one that is interrupted a killed run', async () => {
  const args = ['train', '--data-path', 'signals.parquet', '--output-dir', 'other', ...SCHEMA, '--tracking', 'mlflow']
  const failed = await trainer([...args, ...SMALL, '--learning-rate', '9'], ON)
  expect(failed.code).toBe(1)
  expect(runs().map(({ status }) => status)).toContain(FAILED)
  const killed = await trainer([...args, '--folds', '3'], { ...ON, interruptAt: 'train stage_b full' })
  expect(killed.code).toBe(130)
  expect(runs().map(({ status }) => status)).toContain(KILLED)
})

test('W&B online without a key is an auth failure before anything is read, and offline always works', async () => {
  const args = ['train', '--data-path', 'absent.parquet', ...SCHEMA]
  const online = await trainer(args, { cwd, env: { BREAKWATER_TRACKING: 'wandb', WANDB_MODE: 'online' } })
  expect(online.code).toBe(1)
  expect(online.err).toContain('W&B auth failure: W&B is to be online, and there is no API key. Set WANDB_API_KEY')
  const offline = await trainer(args, {
    cwd,
    env: { BREAKWATER_TRACKING: 'wandb', WANDB_MODE: 'offline', WANDB_API_KEY: 'x' },
  })
  expect(offline.err).toContain('missing signals file')
})

test('a sweep ranks its trials, goes on where it was cut off, and each trial is a run under the sweep’s', async () => {
  writeFileSync(
    join(cwd, 'sweep.json'),
    JSON.stringify({
      method: 'grid',
      metric: { head: 'direction', name: 'brier' },
      data: { bars: ['bars.parquet'], physics: 'physics.parquet' },
      signals: { TOUCH_BAND: [0.08, 0.1] },
      train: { rounds: 5, maxDepth: [2, 3] },
      plan: { folds: 1 },
      anchors: ['4min'],
      horizons: [60],
    }),
  )
  const args = ['sweep', '--config', 'sweep.json', '--output-dir', 'swept', ...SCHEMA]
  const before = runs().length
  const cut = await trainer([...args, '--tracking', 'mlflow'], { ...ON, interruptAt: 'trial 3 of 4' })
  expect(cut.code).toBe(130)
  interface SweepOutput {
    planned: number
    resumed: number
    results: { number: number; value: number }[]
    sessions: { scored: string[]; outer: string[] }
    choice: { number: number; trials: number; corrected: number; pValue: number }
  }
  const swept = await trainerJson<SweepOutput>([...args, '--tracking', 'mlflow'], ON)
  expect(swept).toMatchObject({ planned: 4, resumed: 2 })
  expect(swept.results.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4])
  const values = swept.results.map(({ value }) => value)
  expect(values).toEqual(values.toSorted((a, b) => a - b))
  expect(swept.choice).toMatchObject({ number: swept.results[0]?.number, trials: 4 })
  expect(swept.choice.corrected).toBeGreaterThanOrEqual(values[0] ?? Infinity)
  expect(swept.sessions.scored.filter((date) => swept.sessions.outer.includes(date))).toEqual([])
  expect(swept.sessions.outer.length).toBeGreaterThan(0)
  const added = runs().length - before
  const parent = runs().find(({ tags }) => tags['sweep'] === 'true')
  expect(parent).toMatchObject({ status: FINISHED })
  const children = runs().filter(({ tags }) => tags['mlflow.parentRunId'] === parent?.tags['run_id'])
  expect(children.length + 1).toBe(added)
  expect(children.filter(({ status }) => status === FINISHED)).toHaveLength(4)
  const other = await trainer([...args, '--tracking', 'none'], { ...ON })
  expect(other.out).toContain('4 trials, 4 of them done earlier; brier of direction, lower is better')
})
