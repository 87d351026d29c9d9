// Contributions of 1,000 rows x 90 columns by 300 trees of depth 6: rows per second of CPU time, path-dependent and against
// 100 background rows, in a batch and row by row. With BREAKWATER_PYTHON (an interpreter with xgboost and shap) the trees are
// XGBoost's, and its pred_contribs and the shap package explain the same rows in turn, all on one thread; answers are
// compared before timing. Without it the trees are ours. Run with: npm run bench -- shap
import { interventionalExplainer, pathDependentExplainer, predictRaw, trainBoosted } from '@breakwater/trees'
import type { Explainer, Matrix, TreeModel } from '@breakwater/trees'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { benchData } from './data.ts'

const COLUMNS = 90
const ROWS = 1000
const PEER_ROWS = { xgboost: ROWS, shap: ROWS, interventional: 100 } as const
const RUNS = 3

type Peer = keyof typeof PEER_ROWS
type Ask = (peer: Peer) => Promise<{ seconds: number; answer: Float64Array }>

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Rows `from` to `to` (exclusive), row after row. */
function someRows({ columns, rows, values }: Matrix, from: number, to: number): Matrix {
  const width = columns.length
  const at = (i: number): number => values[(i % width) * rows + from + Math.floor(i / width)] ?? Number.NaN
  const size = (to - from) * width
  return { columns, rows: to - from, values: Float32Array.from({ length: size }, (_, i) => at(i)), layout: 'rows' }
}

/** CPU seconds of this process, compilers and collectors included. */
function cpuSeconds(run: () => void): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

/** Throws where contributions and base value differ from a peer's by more than `tolerance`. */
function check(name: string, explainer: Explainer, rows: Matrix, answer: Float64Array, tolerance: number): void {
  const own = explainer.contributions(rows)
  let worst = 0
  for (const [i, expected] of answer.entries()) {
    const c = i % (COLUMNS + 1)
    const r = Math.floor(i / (COLUMNS + 1))
    worst = Math.max(worst, Math.abs(expected - (c === COLUMNS ? explainer.baseValue : (own[r * COLUMNS + c] ?? 0))))
  }
  if (!(worst < tolerance)) throw new Error(`bench: contributions differ from ${name} by ${worst}`)
  process.stdout.write(`largest difference from ${name}: ${worst.toExponential(1)}\n`)
}

/** Throws where a row's contributions and the base value are not its raw score. */
function checkSums(model: TreeModel, explainer: Explainer, rows: Matrix): void {
  const own = explainer.contributions(rows)
  for (const [r, score] of predictRaw(model, rows).entries()) {
    const sum = own.subarray(r * COLUMNS, (r + 1) * COLUMNS).reduce((total, x) => total + x, explainer.baseValue)
    if (!(Math.abs(sum - score) < 1e-9)) throw new Error(`bench: row ${r} adds up to ${sum}, its score is ${score}`)
  }
}

const numbers = z.array(z.union([z.number(), z.null()]).transform((x) => x ?? Number.NaN))
const modelSchema = z.object({
  columns: z.array(z.string()),
  baseScore: z.number(),
  treeStart: numbers,
  feature: numbers,
  threshold: numbers,
  left: numbers,
  missingLeft: numbers,
  value: numbers,
  cover: numbers,
})

function readModel(path: string): TreeModel {
  const { columns, baseScore, ...arrays } = modelSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const nodes = arrays.feature.length
  return {
    objective: 'logistic',
    columns,
    baseScore,
    treeStart: Int32Array.from(arrays.treeStart),
    feature: Int32Array.from(arrays.feature),
    threshold: Float32Array.from(arrays.threshold),
    left: Int32Array.from(arrays.left),
    missingLeft: Uint8Array.from(arrays.missingLeft),
    categorySet: new Int32Array(nodes).fill(-1),
    categoryBits: new Uint32Array(),
    value: Float32Array.from(arrays.value),
    gain: new Float32Array(nodes),
    cover: Float32Array.from(arrays.cover),
  }
}

/** Starts the Python side and calls `run` with its model and a way to ask it. */
async function withPeers(
  python: string,
  data: { train: Matrix; labels: Float32Array; rows: Matrix; background: Matrix },
  run: (model: TreeModel, ask: Ask) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shap-bench-'))
  try {
    writeFileSync(join(folder, 'x.f4'), data.train.values)
    writeFileSync(join(folder, 'y.f4'), data.labels)
    writeFileSync(join(folder, 'explained.f4'), data.rows.values)
    writeFileSync(join(folder, 'background.f4'), data.background.values)
    const script = fileURLToPath(new URL('shap_peers.py', import.meta.url))
    const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
    const child = spawn(python, [script, folder], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    const line = async (): Promise<string> => {
      const { value, done } = await lines.next()
      if (done) throw new Error('bench: Python ended early')
      return value
    }
    await line()
    await run(readModel(join(folder, 'model.json')), async (peer) => {
      child.stdin.write(`${peer}\n`)
      const seconds = Number(await line())
      const bytes = readFileSync(join(folder, `${peer}.f8`))
      return { seconds, answer: new Float64Array(Uint8Array.from(bytes).buffer) }
    })
    child.stdin.end()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function bench(model: TreeModel, rows: Matrix, background: Matrix, ask?: Ask): Promise<void> {
  const explainers = {
    'path-dependent': pathDependentExplainer(model),
    interventional: interventionalExplainer(model, background),
  }
  for (const explainer of Object.values(explainers)) checkSums(model, explainer, rows)
  if (ask) {
    // XGBoost sums in 32 bits; shap weighs by a parent's own 32-bit cover, and keeps 32 bits against a background.
    check('XGBoost', explainers['path-dependent'], rows, (await ask('xgboost')).answer, 1e-4)
    check('shap, path-dependent', explainers['path-dependent'], rows, (await ask('shap')).answer, 1e-6)
    check('shap, interventional', explainers.interventional, rows, (await ask('interventional')).answer, 1e-5)
  }
  const perSecond: Record<string, number[]> = {}
  const record = (name: string, count: number, seconds: number): void => {
    ;(perSecond[name] ??= []).push(count / seconds)
  }
  const out = new Float64Array(ROWS * COLUMNS)
  for (let run = 0; run <= RUNS; run++) {
    for (const [name, explainer] of Object.entries(explainers)) {
      const batch = cpuSeconds(() => void explainer.contributions(rows, out))
      const single = cpuSeconds(() => {
        for (let r = 0; r < 200; r++) explainer.rowContributions(rows.values, out, r * COLUMNS)
      })
      if (run === 0) continue
      record(`${name}, batch`, ROWS, batch)
      record(`${name}, row by row`, 200, single)
    }
    if (!ask || run === 0) continue
    for (const peer of ['xgboost', 'shap', 'interventional'] as const) {
      const name = peer === 'xgboost' ? 'XGBoost pred_contribs' : `shap, ${peer === 'shap' ? 'path-dependent' : peer}`
      record(name, PEER_ROWS[peer], (await ask(peer)).seconds)
    }
  }
  process.stdout.write(`${model.treeStart.length - 1} trees, ${model.feature.length} nodes; rows per second of CPU:\n`)
  for (const [name, rates] of Object.entries(perSecond)) {
    process.stdout.write(`${name.padEnd(30)} ${Math.round(median(rates)).toString().padStart(7)}\n`)
  }
}

const { train: data } = benchData({ train: 2662, test: 1 }, 1)
const { matrix } = data
const labels = data.heads[0]?.labels ?? new Float32Array()
const rows = someRows(matrix, 0, ROWS)
const background = someRows(matrix, 2000, 2100)
const python = process.env['BREAKWATER_PYTHON']
if (python) {
  const train = someRows(matrix, 0, 2662)
  await withPeers(python, { train, labels, rows, background }, (model, ask) => bench(model, rows, background, ask))
} else {
  const result = await trainBoosted(matrix, labels, { rounds: 300, maxDepth: 6, learningRate: 0.05 })
  if (result.status !== 'trained') throw new Error('bench: the head was not trained')
  await bench(result.model, rows, background)
}
