// Our trees beside ml-xgboost 1.1.2 (XGBoost of 2018 as WebAssembly, exact splits) on a matrix that it can take: 2,662 rows,
// 90 columns, no value missing. Each training runs in a process of its own, in turn with the other; both have to reach the
// same AUC. Then what it cannot take: one missing value, and 26,624 rows.
//
//   npm run bench -- ml-xgboost [--runs N] [--rounds N]
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { predict, trainBoosted } from '@breakwater/trees'
import { auc } from './auc.ts'
import { type BenchData, benchData, COLUMNS } from './data.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '100' },
    side: { type: 'string' },
    rows: { type: 'string', default: '2662' },
    gap: { type: 'boolean', default: false },
  },
  strict: false,
})
const [rounds, rows, runs] = [values.rounds, values.rows, values.runs].map(Number) as [number, number, number]
const NAMES: Readonly<Record<string, string>> = { ours: 'breakwater', theirs: 'ml-xgboost' }

interface Result {
  readonly ms: number
  readonly auc: number
}

if (typeof values.side === 'string') {
  process.stdout.write(`${JSON.stringify(await train(values.side))}\n`)
} else {
  compare()
  const gap = run('theirs', ['--gap'])
  const large = run('theirs', ['--rows', '26624', '--rounds', '1'])
  print(`one missing value of ${rows} x ${COLUMNS}: ${outcomeOf(gap)}`)
  print(`26,624 x ${COLUMNS}, one round: ${outcomeOf(large)}`)
  for (const args of [['--gap'], ['--rows', '26624', '--rounds', '1']]) print(`ours: ${outcomeOf(run('ours', args))}`)
}

/** Times both sides in turn and prints medians and their ratio. */
function compare(): void {
  const results: Record<string, Result[]> = { ours: [], theirs: [] }
  for (let i = 0; i < runs; i++) for (const side of ['ours', 'theirs']) results[side]?.push(resultOf(run(side, [])))
  const middle = (side: string): Result => {
    const found = results[side]?.toSorted((a, b) => a.ms - b.ms)[runs >> 1]
    if (found === undefined) throw new Error(`bench: runs=${runs}: no run of ${side} to take the median of`)
    return found
  }
  const [ours, theirs] = [middle('ours'), middle('theirs')]
  if (Math.abs(ours.auc - theirs.auc) > 0.03) throw new Error(`bench: AUC ${ours.auc} and ${theirs.auc} differ`)
  for (const side of ['ours', 'theirs']) {
    const { ms, auc: value } = middle(side)
    print(
      `${NAMES[side]}: ${(ms / 1000).toFixed(3)} s of processor time for ${rounds} rounds, test AUC ${value.toFixed(4)}`,
    )
  }
  print(`ratio: ${(theirs.ms / ours.ms).toFixed(1)}`)
}

function run(side: string, extra: readonly string[]): { readonly code: number | null; readonly text: string } {
  const args = ['--conditions=@breakwater/source', fileURLToPath(import.meta.url), '--side', side]
  const child = spawnSync(process.execPath, [...args, '--rows', String(rows), '--rounds', String(rounds), ...extra], {
    encoding: 'utf8',
  })
  return { code: child.status, text: child.status === 0 ? child.stdout : `${child.stdout}${child.stderr}` }
}

/** The last line of a training that ended; ml-xgboost prints others before. */
function resultOf({ text }: { readonly text: string }): Result {
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Result
}

function outcomeOf({ code, text }: { readonly code: number | null; readonly text: string }): string {
  if (code === 0) return `trains, test AUC ${resultOf({ text }).auc.toFixed(4)}`
  const reason = /There are NAN in the matrix|memory access out of bounds/.exec(text)?.[0]
  return `fails (${reason ?? text.slice(-200)})`
}

async function train(side: string): Promise<Result> {
  const { train: learn, test } = benchData({ train: rows, test: 2662 }, 1)
  for (const part of [learn, test]) fill(part)
  if (values.gap === true) learn.matrix.values[0] = Number.NaN
  const labels = learn.heads[0]?.labels ?? new Float32Array()
  const start = process.cpuUsage()
  const scores = await (side === 'ours' ? trainOurs : trainTheirs)(learn, labels, test)
  const { user, system } = process.cpuUsage(start)
  return { ms: (user + system) / 1000, auc: auc(test.heads[0]?.labels ?? [], scores) }
}

function fill({ matrix: { values: cells } }: BenchData): void {
  for (let i = 0; i < cells.length; i++) if (Number.isNaN(cells[i])) cells[i] = 0
}

async function trainOurs(learn: BenchData, labels: Float32Array, test: BenchData): Promise<ArrayLike<number>> {
  const head = await trainBoosted(learn.matrix, labels, {
    objective: 'logistic',
    rounds,
    maxDepth: 6,
    learningRate: 0.05,
    l2: 1,
    minRowsPerLeaf: 1,
    minChildWeight: 5,
  })
  if (head.status !== 'trained') throw new Error(`bench: ours was skipped: ${head.reason}`)
  return predict(head.model, test.matrix)
}

async function trainTheirs(learn: BenchData, labels: Float32Array, test: BenchData): Promise<ArrayLike<number>> {
  // Loaded here alone: it takes over what happens to errors of the whole process.
  const { default: loading } = await import('ml-xgboost')
  const Booster = await loading
  const booster = new Booster({
    booster: 'gbtree',
    objective: 'binary:logistic',
    max_depth: 6,
    eta: 0.05,
    lambda: 1,
    min_child_weight: 5,
    silent: 1,
    iterations: rounds,
  })
  booster.train(rowsOf(learn), [...labels])
  const scores = booster.predict(rowsOf(test))
  booster.free()
  return scores
}

/** Rows as arrays, which ml-xgboost takes. */
function rowsOf({ matrix: { values: cells, rows: count } }: BenchData): number[][] {
  return Array.from({ length: count }, (_, r) => Array.from({ length: COLUMNS }, (__, c) => cells[c * count + r] ?? 0))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
