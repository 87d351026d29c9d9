import { memoryTracker, MLFLOW_PYTHON, mlflowOnnxFiles, recordTable, runDescription } from '@breakwater/tracking'
import { mlflowFiles, wandbOffline } from '@breakwater/tracking/node'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { temporaryFolder } from './temporary.ts'

const ID = 'ab'.repeat(16)
const START = {
  id: ID,
  name: 'a run',
  job: 'calibration',
  tags: {},
  description: 'Forecasts **side by side**',
} as const
const context = { clock: () => 1_700_000_000_000, warn: () => undefined }
const TABLE = {
  name: 'metrics',
  columns: ['head', 'value'],
  rows: [
    ['direction', 0.5],
    ['t1', Number.NaN],
    ['t2', null],
  ],
}

describe('a table of a run', () => {
  test('is one JSON file that pandas reads, without numbers that JSON lacks', async () => {
    const tracker = memoryTracker()
    const run = await tracker.start(START)
    await recordTable(run, TABLE)
    const [artifact] = tracker.runs()[0]?.artifacts ?? []
    expect(artifact).toEqual({
      name: 'metrics',
      type: 'table',
      files: [
        {
          path: 'metrics.table.json',
          text: '{"columns":["head","value"],"data":[["direction",0.5],["t1",null],["t2",null]]}\n',
        },
      ],
    })
    await expect(recordTable(run, { ...TABLE, rows: [['direction']] })).rejects.toThrow(
      'tracking: table metrics: row 0 has 1 cells: must have 2, one a column. Fill it with null.',
    )
  })

  test('is named in the tag by which MLflow shows tables, and the description in that of its note', async () => {
    const folder = join(temporaryFolder(), 'mlruns')
    const run = await mlflowFiles({ folder, experimentOf: (job) => job, user: 'ann', context }).start(START)
    await recordTable(run, TABLE)
    await recordTable(run, { ...TABLE, name: 'more' })
    await run.end('finished')
    const [experiment = ''] = readdirSync(folder)
    const tag = (name: string): string => readFileSync(join(folder, experiment, ID, 'tags', name), 'utf8')
    expect(JSON.parse(tag('mlflow.loggedArtifacts'))).toEqual([
      { path: 'metrics/metrics.table.json', type: 'table' },
      { path: 'more/more.table.json', type: 'table' },
    ])
    expect(tag('mlflow.note.content')).toBe('Forecasts **side by side**')
    expect(run.places[0]).toContain(`MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri ${folder})`)
  })

  test('and the description stand in W&B too', async () => {
    const folder = temporaryFolder()
    const run = await wandbOffline({ folder, project: 'p', context }).start(START)
    await recordTable(run, TABLE)
    await run.end('finished')
    const [name = ''] = readdirSync(join(folder, 'wandb'))
    const file = readFileSync(join(folder, 'wandb', name, `run-${ID}.wandb`)).toString('latin1')
    expect(file).toContain('Forecasts **side by side**')
    expect(file).toContain('metrics.table.json')
  })
})

test('a description says what a run does, on which sessions and data', () => {
  const parts = {
    job: 'boosted_trees',
    schemaVersion: 2,
    stage: 'stage_b',
    ablation: 'full',
    dates: ['2025-01-10', '2025-01-02'],
    datasetHash: 'abcdef0123456789',
    gitSha: '0123456789abcdef',
  } as const
  const dataset = { name: 'signals', digest: 'x', context: 'training', source: 'a.parquet', rows: 9 } as const
  expect(runDescription({ ...parts, dataset })).toBe(
    [
      'Boosted trees, trained by walk-forward: stage_b full.',
      '',
      '- sessions: 2, 2025-01-02 to 2025-01-10',
      '- data: `abcdef012345`, 9 rows from a.parquet',
      '- commit: `0123456789ab`',
    ].join('\n'),
  )
  expect(runDescription({ ...parts, dates: [], gitSha: null })).toContain('- sessions: none\n- data: `abcdef012345`')
})

test('files of a model are YAML that says where the graph is, what it takes and gives, and what serves it', () => {
  const files = mlflowOnnxFiles({
    graph: 'model.onnx',
    inputs: [
      { name: "price's", type: 'double' },
      { name: 'kind', type: 'string' },
    ],
    outputs: [{ name: 'p_direction', type: 'double' }],
    artifact: 'bundle',
    id: ID,
    time: 1_700_000_000_000,
  })
  const textOf = (path: string): string => {
    const file = files.find((each) => each.path === path)
    return file !== undefined && 'text' in file ? file.text : ''
  }
  const { signature, flavors, ...rest } = z
    .looseObject({ signature: z.object({ inputs: z.string(), outputs: z.string() }), flavors: z.unknown() })
    .parse(parse(textOf('MLmodel')))
  expect(JSON.parse(signature.inputs)).toEqual([
    { type: 'double', name: "price's", required: true },
    { type: 'string', name: 'kind', required: true },
  ])
  expect(JSON.parse(signature.outputs)).toEqual([{ type: 'double', name: 'p_direction', required: true }])
  expect(rest).toMatchObject({ model_uuid: ID, utc_time_created: '2023-11-14 22:13:20.000000' })
  expect(flavors).toMatchObject({
    onnx: { data: 'model.onnx' },
    python_function: { loader_module: 'breakwater_graph', code: 'code' },
  })
  expect(textOf('code/breakwater_graph.py')).toContain('def _load_pyfunc(path):')
  expect(textOf('requirements.txt')).toBe(
    Object.entries(MLFLOW_PYTHON.packages)
      .map(([name, version]) => `${name}==${version}\n`)
      .join(''),
  )
  expect(parse(textOf('conda.yaml'))).toMatchObject({ name: 'mlflow-env' })
  expect(parse(textOf('python_env.yaml'))).toMatchObject({ python: MLFLOW_PYTHON.python })
})

test('a model of tensors is loaded by MLflow itself, with shapes whose open sizes are -1', () => {
  const port = { name: 'x', type: 'tensor', dtype: 'float32', shape: [-1, 30] } as const
  const request = { artifact: 'model', graph: 'patchtst.onnx', inputs: [port], outputs: [port], id: ID, time: 0 }
  const files = mlflowOnnxFiles(request)
  expect(files.map(({ path }) => path)).toEqual(['MLmodel', 'requirements.txt', 'python_env.yaml', 'conda.yaml'])
  const [file] = files
  const { signature, flavors } = z
    .looseObject({ signature: z.object({ inputs: z.string() }), flavors: z.unknown() })
    .parse(parse(file !== undefined && 'text' in file ? file.text : ''))
  expect(JSON.parse(signature.inputs)).toEqual([
    { name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 30] } },
  ])
  const loaded = { data: 'patchtst.onnx', loader_module: 'mlflow.onnx' }
  expect(flavors).toMatchObject({ onnx: { data: 'patchtst.onnx' }, python_function: loaded })
})
