import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findInterpreter, runPython, scratchFolder } from '@breakwater/interop'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { MLFLOW_PYTHON } from '@breakwater/tracking'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { runUiLine, serveModel } from './mlflow-process.ts'
import { withoutPeers } from './peers.ts'
import { metadataOf } from './trained.ts'
import { runTrainer, SCHEMA, trainerSays } from './trainer.ts'

const folder = scratchFolder()
afterAll(folder.remove)

const line = z.object({
  outputs: z.array(z.string()),
  rows: z.number(),
  difference: z.number(),
  table: z.object({
    columns: z.array(z.string()),
    rows: z.number(),
    first: z.array(z.union([z.string(), z.number(), z.null()])),
  }),
  question: z.object({ columns: z.array(z.string()), data: z.array(z.array(z.unknown())) }),
  answers: z.record(z.string(), z.array(z.number())),
})

const pinned = readFileSync(new URL('../requirements.txt', import.meta.url), 'utf8').split('\n')

/** The lines of the recipe that exports a set and checks the export in Python. */
function exportRecipe(): string[] {
  const text = readFileSync(new URL('../../site/guide/recipes.md', import.meta.url), 'utf8')
  const [, block = ''] = /\n## Use the models elsewhere\n\n```\n([\s\S]*?)\n```/.exec(text) ?? []
  return block.split('\n')
}

test('the recipe installs packages that it is checked with', () => {
  const recipe = exportRecipe()
  expect(recipe.map((each) => each.split(' ')[0])).toEqual(['npx', 'pip', 'python'])
  const install = recipe.find((each) => each.startsWith('pip install ')) ?? ''
  const names = install.slice('pip install '.length).split(' ')
  expect(names).toContain('onnxruntime')
  expect(names.filter((name) => !pinned.some((each) => each.startsWith(`${name}==`)))).toEqual([])
})

test('the packages that a model asks for are those that it is checked with', () => {
  const named = Object.entries(MLFLOW_PYTHON.packages).map(([name, version]) => `${name}==${version}`)
  expect(named.filter((requirement) => !pinned.includes(requirement))).toEqual([])
})

describe.skipIf(withoutPeers)('a sequence model in files, opened by MLflow itself', () => {
  test('loads, and gives of tensors what its graph says', async () => {
    const at = join(folder.path, 'sequences')
    mkdirSync(at)
    await writeSimulation(at, simulate({ sessions: 6, seed: 5 }))
    const schema = ['--schema', SCHEMA, '--quiet']
    await runTrainer(['signals', '--bars', 'bars.parquet', '--output', 'signals.parquet', '--quiet'], at, {})
    await runTrainer(['sequences', '--data-path', 'signals.parquet', '--output-dir', 'npz', ...schema], at, {})
    const files = readdirSync(join(at, 'npz')).filter((name) => name.endsWith('.npz'))
    const read = ['--train-files', ...files.slice(0, -1), '--val-files', ...files.slice(-1)].map((name) =>
      name.endsWith('.npz') ? join('npz', name) : name,
    )
    const small = ['--width', '8', '--feed-forward', '16', '--layers', '1', '--patch-length', '12', '--stride', '12']
    const args = ['patchtst', ...read, ...small, '--epochs', '1', '--output-dir', 'models', '--tracking', 'mlflow']
    await runTrainer([...args, '--quiet'], at, {})
    const runs = join(at, 'data', 'ml', 'tracking', 'mlruns')
    const script = new URL('tracking_tensors.py', import.meta.url)
    const tensors = z.object({ inputs: z.array(z.string()), shapes: z.record(z.string(), z.array(z.number())) })
    const env = { MLFLOW_ALLOW_FILE_STORE: 'true', GIT_PYTHON_REFRESH: 'quiet' }
    const [found] = await runPython(tensors, script, [runs], { env })
    expect(found?.inputs.slice(0, 2)).toEqual(['x', 'mask'])
    expect(found?.shapes['break_probability']).toEqual([5])
  })
})

describe.skipIf(withoutPeers)('a training in files, opened by MLflow itself', () => {
  const runs = join(folder.path, 'data', 'ml', 'tracking', 'mlruns')
  const models = join(folder.path, 'data', 'ml', 'boosted_trees')
  const rows = join(folder.path, 'data', 'ml', 'export', 'stage_b_full_4min.parquet')
  let said = ''
  /** What each line of the recipe printed that is run, by its program. */
  const printed: Record<string, string> = {}
  let run = ''
  let bundle = ''

  beforeAll(async () => {
    const small = ['--rounds', '10', '--folds', '2', '--anchors', '4min', '--threads', '1', '--schema', SCHEMA]
    await runTrainer(
      ['demo', '--sessions', '12', '--threads', '1', '--output-dir', 'demo', '--schema', SCHEMA, '--quiet'],
      folder.path,
      {},
    )
    const args = ['train', '--data-path', 'demo/signals.parquet', ...small, '--tracking', 'mlflow']
    said = (await trainerSays(args, folder.path, {})).err
    for (const pasted of exportRecipe()) {
      const [program = '', ...given] = pasted.split(' ')
      if (program === 'npx') printed[program] = await runTrainer(given.slice(1), folder.path, {})
      if (program !== 'python') continue
      const { stdout } = await promisify(execFile)(findInterpreter().python ?? '', given, { cwd: folder.path })
      printed[program] = stdout
    }
    const experiment = readdirSync(runs).find((name) => /^\d{5,}$/.test(name)) ?? ''
    run = readdirSync(join(runs, experiment)).find((name) => /^[0-9a-f]{32}$/.test(name)) ?? ''
    bundle = join(runs, experiment, run, 'artifacts', 'bundle')
  })

  test('the line that the command prints opens its pages', async () => {
    const shown = /\(look at it with: (MLFLOW_ALLOW_FILE_STORE=true mlflow ui .*)\)$/m.exec(said)?.[1] ?? ''
    const ui = await runUiLine(shown, folder.path)
    try {
      const answer = await fetch(`${ui.uri}/api/2.0/mlflow/experiments/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ max_results: 10 }),
      })
      expect(await answer.text()).toContain('spymaster_boosted_trees')
    } finally {
      await ui.stop()
    }
  })

  test('its model loads, answers as our own forecasts do, and its table is read', async () => {
    const script = new URL('tracking_model.py', import.meta.url)
    const env = { MLFLOW_ALLOW_FILE_STORE: 'true', GIT_PYTHON_REFRESH: 'quiet' }
    const [found] = await runPython(line, script, [runs, run, rows], { env })
    const { details } = metadataOf(models, 'stage_b')
    expect(found?.outputs).toHaveLength(details.heads.length)
    expect(found?.outputs).toContain('p_direction')
    expect(found?.rows).toBeGreaterThan(500)
    expect(found?.difference).toBeLessThan(1e-6)
    expect(found?.table.columns.slice(0, 5)).toEqual(['head', 'fold', 'rows', 'metric', 'value'])
    const [head] = details.heads
    const brier = head?.folds[0]?.metrics.validation['rows']
    expect(found?.table.first.slice(0, 5)).toEqual([head?.name, 0, 'validation', 'rows', brier])

    const served = await serveModel(bundle)
    try {
      const answer = await fetch(`${served.uri}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ dataframe_split: found?.question }),
      })
      expect(answer.status).toBe(200)
      const { predictions } = z
        .object({ predictions: z.array(z.record(z.string(), z.number())) })
        .parse(await answer.json())
      for (const [name, expected] of Object.entries(found?.answers ?? {}))
        for (const [row, value] of expected.entries()) expect(predictions[row]?.[name]).toBeCloseTo(value, 6)
    } finally {
      await served.stop()
    }
  })

  test('the recipe of an export passes as pasted, in ONNX Runtime and in XGBoost, for every head', () => {
    // Of the law, and from bars: without them its columns would be empty, and the heads would answer.
    expect(printed['npx']).toContain('The graphs give what this set serves: the law of first passage')
    expect(printed['npx']).not.toContain('no numbers of the moment')
    expect(printed['npx']).toContain(`Next: ${exportRecipe().at(-1)} checks `)
    const compared = z.object({ file: z.string(), difference: z.number(), limit: z.number() })
    const checked = (printed['python'] ?? '')
      .trimEnd()
      .split('\n')
      .map((each) => compared.parse(JSON.parse(each)))
    const { details } = metadataOf(models, 'stage_b')
    const trees = details.heads.map(({ name }) => `xgboost_${name}_stage_b_full.json`)
    expect(checked.map(({ file }) => file).toSorted()).toEqual(['stage_b_full_4min.onnx', ...trees].toSorted())
    expect(checked.filter(({ difference, limit }) => !(difference < 1e-6 && limit === 1e-6))).toEqual([])
  })
})
