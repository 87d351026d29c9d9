import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runPython, scratchFolder } from '@breakwater/interop'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { expectCalibration, expectIndex } from './expect-runs.ts'
import { startMlflow } from './mlflow-process.ts'
import type { MlflowProcess } from './mlflow-process.ts'
import { mlflowAt } from './mlflow-runs.ts'
import type { Run } from './mlflow-runs.ts'
import { withoutPeers } from './peers.ts'
import { figuresOf, hashesOf, metadataOf, sha256 } from './trained.ts'
import { runTrainer, SCHEMA } from './trainer.ts'

const wandbLine = z.looseObject({ type: z.string() })

const folder = scratchFolder()
afterAll(folder.remove)

/** Rows of a run's table that are of validation rows. */
const validationOf = ({ tables }: Run): unknown[] =>
  (tables['metrics/metrics.table.json'] ?? []).filter(([, , rows]) => rows === 'validation')

/** A run has from 10 to 20 metrics. */
function expectHeadlines({ metrics }: Run): void {
  expect(Object.keys(metrics).length).toBeGreaterThanOrEqual(10)
  expect(Object.keys(metrics).length).toBeLessThanOrEqual(20)
}

const byId = (list: readonly Run[]): Run[] => list.toSorted((a, b) => (a.id < b.id ? -1 : 1))

const demo = join(folder.path, 'demo')
const tracking = join(demo, 'tracking')

describe.skipIf(withoutPeers)('runs read by MLflow and W&B themselves', () => {
  beforeAll(async () => {
    await runTrainer(
      ['demo', '--sessions', '12', '--threads', '1', '--output-dir', 'demo', '--schema', SCHEMA, '--quiet'],
      folder.path,
      {},
    )
  })

  test('MLflow reads the mlruns folder, and migrate-filestore brings it into a database without loss', async () => {
    const { runs } = await mlflowAt(join(tracking, 'mlruns'), folder.path)
    expect(new Set(runs.map(({ tags }) => tags['stage']))).toEqual(new Set(['stage_a', 'stage_b']))
    for (const run of runs) {
      const metadata = metadataOf(join(demo, 'boosted_trees'), run.tags['stage'] ?? '')
      expect(run).toMatchObject({ experiment: 'spymaster_boosted_trees', status: 'FINISHED' })
      expect(validationOf(run)).toEqual(figuresOf(metadata))
      expectHeadlines(run)
      expect(run.tags['mlflow.note.content']).toMatch(/^Boosted trees, trained by walk-forward: stage_[ab] full\.\n/)
      expect(run.inputs).toEqual([['signals', metadata.details.data.hash.slice(0, 36), 'training']])
      expect(run.artifacts).toMatchObject(hashesOf(metadata))
    }
    const database = `sqlite:///${join(folder.path, 'migrated.db')}`
    const script = new URL('tracking_migrate.py', import.meta.url)
    const [migrated] = await runPython(z.object({ runs: z.number() }), script, [join(tracking, 'mlruns'), database])
    expect(migrated).toEqual({ runs: 2 })
    expect(byId((await mlflowAt(database, folder.path)).runs)).toEqual(byId(runs))
  })

  test('W&B reads its files: config, history, summary, artifacts and exit; sync would upload them', async () => {
    const { runs } = await mlflowAt(join(tracking, 'mlruns'), folder.path)
    const names = readdirSync(join(tracking, 'wandb')).filter((name) => name.startsWith('offline-run-'))
    expect(names).toHaveLength(2)
    for (const name of names) {
      const id = name.split('-').at(-1) ?? ''
      const twin = runs.find((run) => run.id === id)
      const path = join(tracking, 'wandb', name, `run-${id}.wandb`)
      const lines = await runPython(wandbLine, new URL('tracking_wandb.py', import.meta.url), [path])
      const of = (type: string): unknown[] => lines.flatMap((line) => (line.type === type ? [line[type]] : []))
      const state = z
        .object({
          state: z.object({
            name: z.string(),
            project: z.string(),
            run_id: z.string(),
            state: z.string(),
            exit_code: z.number(),
            config: z.record(z.string(), z.unknown()),
            summary: z.record(z.string(), z.number()),
          }),
        })
        .parse(lines.find(({ type }) => type === 'state')).state
      expect(state).toMatchObject({
        name: twin?.name,
        project: 'spymaster',
        run_id: id,
        state: 'finished',
        exit_code: 0,
      })
      // One set of tags and settings in both systems, as texts in MLflow and as what they are in W&B.
      const config = Object.entries(state.config).map(([key, value]): [string, string] => [key, String(value)])
      const own = Object.entries(twin?.tags ?? {}).filter(([key]) => !key.startsWith('mlflow.'))
      expect(Object.fromEntries(config)).toMatchObject({ ...twin?.params, ...Object.fromEntries(own) })
      const rows = z.array(z.object({ item: z.record(z.string(), z.number()), step: z.object({ num: z.number() }) }))
      const history: Record<string, [number, number][]> = {}
      for (const { item, step } of rows.parse(of('history'))) {
        for (const [key, value] of Object.entries(item)) {
          if (!key.startsWith('_')) (history[key] ??= []).push([step.num, value])
        }
      }
      expect(history).toEqual(twin?.metrics)
      const last = Object.entries(history).map(([key, values]) => [key, values.at(-1)?.[1]] as const)
      expect(state.summary).toMatchObject(Object.fromEntries(last))
      const manifest = z.object({
        name: z.string(),
        manifest: z.object({
          contents: z.array(z.object({ path: z.string(), digest: z.string(), local_path: z.string() })),
        }),
      })
      const bundle = z
        .array(manifest)
        .parse(of('artifact'))
        .find((artifact) => artifact.name.endsWith('-bundle'))
      for (const { path: file, digest, local_path: local } of bundle?.manifest.contents ?? []) {
        expect(createHash('md5').update(readFileSync(local)).digest('base64')).toBe(digest)
        expect(sha256(local)).toBe(twin?.artifacts[`bundle/${file}`])
      }
      expect(bundle?.manifest.contents.length).toBeGreaterThan(20)
      const sync = z.object({ words: z.string() }).parse(lines.find(({ type }) => type === 'sync'))
      expect(sync.words).toContain(`run-${id}.wandb`)
      expect(sync.words).toContain('Would sync 2 run(s)')
    }
  })

  describe('on a real MLflow server', () => {
    const env = { MLFLOW_TRACKING_URI: '' }
    const servers: MlflowProcess[] = []
    beforeAll(async () => {
      const server = await startMlflow(folder.path)
      servers.push(server)
      env.MLFLOW_TRACKING_URI = server.uri
    })
    afterAll(() => Promise.all(servers.map((server) => server.stop())))

    const common = ['--schema', SCHEMA, '--tracking', 'mlflow', '--quiet']

    test('a training is read back: params, metrics with steps, tags, artifacts, registered version; a failed one too', async () => {
      const few = ['--rounds', '10', '--folds', '2', '--threads', '1']
      const options = [...few, '--anchors', '4min', '--output-dir', 'models']
      const args = ['train', '--data-path', 'demo/signals.parquet', ...options, ...common]
      await runTrainer(args, folder.path, env)
      await expect(runTrainer([...args, '--learning-rate', '7'], folder.path, env)).rejects.toThrow('learningRate=7')
      const { runs, models } = await mlflowAt(env.MLFLOW_TRACKING_URI, folder.path)
      const metadata = metadataOf(join(folder.path, 'models'), 'stage_b')
      expect(runs.map(({ status }) => status)).toEqual(['FINISHED', 'FAILED'])
      const [run] = runs
      const hash = metadata.details.data.hash
      expect(run).toMatchObject({
        experiment: 'spymaster_boosted_trees',
        name: expect.stringMatching(/^boosted_trees-v2-stage_b-full-\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d$/) as string,
        params: { rounds: '10', learningRate: '0.05', maxDepth: '6', folds: '2', seed: '7' },
        tags: { stage: 'stage_b', ablation: 'full', schema_version: '2', dataset_hash: hash },
        artifacts: {
          ...hashesOf(metadata),
          'bundle/metadata_stage_b_full.json': sha256(join(folder.path, 'models', 'metadata_stage_b_full.json')),
        },
      })
      expect(run?.params['features']).toContain('wall_ratio')
      expect(run === undefined ? [] : validationOf(run)).toEqual(figuresOf(metadata))
      expect(run?.metrics['validation/auc']).toHaveLength(2)
      expect(Object.keys(run?.artifacts ?? {})).toEqual(expect.arrayContaining(['bundle/MLmodel', 'bundle/model.onnx']))
      expect(Object.keys(hashesOf(metadata))).toHaveLength(27)
      expect(models).toEqual([
        {
          kind: 'model',
          name: 'boosted_trees-stage_b-full',
          version: 1,
          run: run?.id,
          status: 'READY',
          source: `mlflow-artifacts:/1/${run?.id}/artifacts/bundle`,
        },
      ])
    })

    test('an index and a calibration are read back as their own files have them', async () => {
      const sets = ['--model-dir', 'models', '--stage', 'stage_b', ...common]
      await runTrainer(['index', '--output-dir', 'indexes', '--evaluate-k', '5,20', ...sets], folder.path, env)
      await runTrainer(['calibrate', '--output-dir', 'reports', ...sets], folder.path, env)
      const { runs } = await mlflowAt(env.MLFLOW_TRACKING_URI, folder.path, 'p_break|stage_b_full/')
      const of = (experiment: string): Run[] => runs.filter((run) => run.experiment === experiment)
      expect(runs.map(({ status }) => status)).not.toContain('RUNNING')
      expectIndex(of('spymaster_retrieval'), folder.path)
      expectCalibration(of('spymaster_calibration'), folder.path)
    })
  })
})
