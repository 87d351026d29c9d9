// A training step (batch 128, 8 channels, 14 patches, dropout 0.1) and predictions, here and in PyTorch's own encoder, where
// BREAKWATER_PYTHON names an interpreter that has torch. Both sides must first give the same losses over five AdamW steps
// from the same weights. Every measurement is a process of its own, the sides in turn. Processor time is printed beside wall
// time: it counts on a machine that other work shares. Run with: npm run bench -- patchtst/bench/speed, or with --rounds N.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { trainPatchTst } from '@breakwater/patchtst'
import type { TrainOptions } from '@breakwater/patchtst'
import { initialWeights } from '#src/network/initial'
import { weightLayout } from '#src/network/layout'
import { resolveConfig } from '#src/resolve-config'
import { BATCH, CASES, speedData, speedModel } from './speed-data.ts'
import type { SpeedCase } from './speed-data.ts'

const { values: given } = parseArgs({ strict: false, options: { rounds: { type: 'string', default: '3' } } })
const ROUNDS = Number(given['rounds'])
const STEPS = 9
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const python = process.env['BREAKWATER_PYTHON'] ?? ''

/** What one process measured. */
interface Times {
  readonly wall: readonly number[]
  readonly cpu: readonly number[]
  readonly peak: number
}

const SIDES = ['breakwater', ...(hasTorch() ? ['PyTorch'] : [])]

await run()

async function run(): Promise<void> {
  if (SIDES.length === 1) print('no PyTorch: BREAKWATER_PYTHON names no interpreter that has torch; only our own times')
  else for (const each of CASES) await checkSame(each)
  print('training: ms a step, medians; ratio to PyTorch')
  for (const each of CASES) for (const threads of [1, availableParallelism()]) compare('train', each, threads, STEPS)
  print('predictions: samples a second, one thread, medians; ratio to PyTorch')
  for (const each of CASES) for (const batch of [1, 64]) compare('predict', each, 1, batch)
}

function compare(kind: string, { width, layers, feedForward }: SpeedCase, threads: number, last: number): void {
  const args = [kind, width, layers, feedForward, threads, last].map(String)
  const all = new Map<string, Times[]>(SIDES.map((side) => [side, []]))
  for (let round = 0; round < ROUNDS; round++) for (const [side, list] of all) list.push(measure(side, args))
  const peer = all.get('PyTorch')
  const label = kind === 'train' ? `${threads} threads` : `batch ${last}`
  for (const [side, list] of all) {
    const [wall, cpu] = [middle(list.flatMap((times) => times.wall)), middle(list.flatMap((times) => times.cpu))]
    const ratio = (name: 'wall' | 'cpu', own: number): string =>
      peer === undefined ? '' : ` (x${(own / middle(peer.flatMap((times) => times[name]))).toFixed(2)})`
    const peak = Math.round(Math.max(...list.map((times) => times.peak)))
    print(
      `  width ${width}, ${label}, ${side.padEnd(10)} wall ${wall.toFixed(0)}${ratio('wall', wall)}, processor ${cpu.toFixed(0)}${ratio('cpu', cpu)}, peak ${peak} MiB`,
    )
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function measure(side: string, args: readonly string[]): Times {
  const own = ['--conditions=@breakwater/source', fileURLToPath(new URL('speed-child.ts', import.meta.url))]
  const [command, before] = side === 'PyTorch' ? [python, [peers()]] : [process.execPath, own]
  const child = spawnSync(command, [...before, ...args], { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`bench: ${side} ${args.join(' ')} failed\n${child.stderr.slice(-2000)}`)
  return JSON.parse(child.stdout) as Times
}

function peers(): string {
  return fileURLToPath(new URL('peers.py', import.meta.url))
}

function hasTorch(): boolean {
  return python !== '' && spawnSync(python, ['-c', 'import torch']).status === 0
}

/** Throws unless five steps on one batch, without dropout, lose the same on both sides. */
async function checkSame(each: SpeedCase): Promise<void> {
  const data = speedData(BATCH)
  const tasks = { direction: true, strength: true }
  const model = speedModel(each, 0)
  const options: TrainOptions = {
    tasks,
    model,
    epochs: 5,
    learningRate: 1e-3,
    schedule: 'constant',
    warmup: 0,
    clipNorm: 0,
  }
  const { history } = await trainPatchTst(data, undefined, { ...options, seed: 7, threads: 1 })
  const config = resolveConfig(data, tasks, model)
  const folder = mkdtempSync(join(tmpdir(), 'patchtst-bench-'))
  const write = (name: string, array: Float32Array): void =>
    writeFileSync(join(folder, `${name}.f32`), new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  write('weights', initialWeights(config, 7).weights)
  write('x', data.x)
  write('direction', Float32Array.from(data.labels.direction ?? []))
  write('strength', data.labels.strength ?? new Float32Array())
  const { places } = weightLayout(config)
  const meta = { ...each, places, steps: 5, learningRate: 1e-3, weightDecay: 0.01 }
  writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta))
  const child = spawnSync(python, [peers(), 'check', folder], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  if (child.status !== 0) throw new Error(`bench: PyTorch's check failed\n${child.stderr.slice(-2000)}`)
  const { losses, version } = JSON.parse(child.stdout) as { losses: number[]; version: string }
  const apart = Math.max(...losses.map((loss, i) => Math.abs(loss - (history[i]?.trainLoss ?? Number.NaN))))
  if (!(apart < 1e-4)) throw new Error(`bench: width ${each.width}: losses are ${apart} from those of PyTorch`)
  print(`PyTorch ${version}, width ${each.width}: losses of 5 AdamW steps within ${apart.toExponential(1)}`)
}
