// Trains our trees on a case and prints one line of JSON (see engines.ts). A process of its own, so that memory is that
// of one training. Arguments: folder of the case, breakwater or breakwater-rounded, heads, threads, rounds.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { predict, trainHeads } from '@breakwater/trees'
import type { Head, HeadResult, TrainOptions } from '@breakwater/trees'
import { trainHeadsParallel } from '@breakwater/trees/node'
import { auc } from './auc.ts'
import { readCase } from './case-files.ts'
import type { BenchData } from './data.ts'

const [folder = '', engine = 'breakwater', ...numbers] = process.argv.slice(2)
const [heads = 1, threads = 1, rounds = 300] = numbers.map(Number)

/** The same as in peers.py: closest equivalents of each library. */
const OPTIONS: TrainOptions = {
  maxDepth: 6,
  learningRate: 0.05,
  maxBins: 255,
  l2: 1,
  minRowsPerLeaf: 20,
  minChildWeight: 0.001,
  ...(engine === 'breakwater-rounded' ? { gradientLevels: 4 } : {}),
}

const { train, test } = readCase(folder)
const plan = headsOf(train).slice(0, heads)

globalThis.gc?.()
const before = memory('VmRSS')
resetPeak()
await run(warmUpPart(train), 30)
const startCpu = process.cpuUsage()
const start = performance.now()
const results = await run({ data: train, plan }, rounds)
const wall = (performance.now() - start) / 1000
const cpu = process.cpuUsage(startCpu)
const peak = memory('VmHWM')

const line = {
  engine,
  version: 'this tree',
  heads,
  wall,
  cpu: (cpu.user + cpu.system) / 1e6,
  scores: scoresOf(results),
  peakMiB: peak,
  increaseMiB: peak === null || before === null ? null : peak - before,
}
process.stdout.write(`${JSON.stringify(line)}\n`)

function headsOf(data: BenchData): Head[] {
  const everyRow = new Uint8Array(data.matrix.rows).fill(1)
  return data.heads.map((head, h) => ({ name: `head${h}`, ...head, train: everyRow }))
}

/** The first 2,000 rows: what a process does at first is not what is measured. */
function warmUpPart({ matrix, heads: all }: BenchData): { data: BenchData; plan: Head[] } {
  const count = Math.min(matrix.rows, 2000)
  const values = new Float32Array(matrix.columns.length * count)
  for (let c = 0; c < matrix.columns.length; c++) {
    values.set(matrix.values.subarray(c * matrix.rows, c * matrix.rows + count), c * count)
  }
  const part = all.slice(0, 2).map((head) => ({ ...head, labels: head.labels.slice(0, count) }))
  const data = { matrix: { ...matrix, rows: count, values }, heads: part }
  return { data, plan: headsOf(data).slice(0, heads) }
}

function run({ data, plan: part }: { data: BenchData; plan: readonly Head[] }, count: number): Promise<HeadResult[]> {
  const options = { ...OPTIONS, rounds: count }
  return threads === 1
    ? trainHeads(data.matrix, part, options)
    : trainHeadsParallel(data.matrix, part, { ...options, threads })
}

function scoresOf(trained: readonly HeadResult[]): { metric: 'auc' | 'r2'; value: number }[] {
  return test.heads.slice(0, heads).map(({ objective, labels }, h) => {
    const result = trained[h]
    if (result?.status !== 'trained') throw new Error(`bench: head ${h} was not trained`)
    const given = predict(result.model, test.matrix)
    return objective === 'logistic'
      ? { metric: 'auc', value: auc(labels, given) }
      : { metric: 'r2', value: r2(labels, given) }
  })
}

/** Share of the labels' variance that predictions explain. */
function r2(labels: Float32Array, given: Float64Array): number {
  const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length
  const total = labels.reduce((sum, label) => sum + (label - mean) ** 2, 0)
  return 1 - labels.reduce((sum, label, i) => sum + (label - (given[i] ?? Number.NaN)) ** 2, 0) / total
}

/** A figure of this process's memory in MiB, by the kernel's count; null where there is none. */
function memory(figure: 'VmRSS' | 'VmHWM'): number | null {
  if (!existsSync('/proc/self/status')) return null
  const kib = new RegExp(String.raw`^${figure}:\s+(\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return kib === undefined ? null : Number(kib) / 1024
}

/** Makes the kernel count the highest memory from now on. */
function resetPeak(): void {
  if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5')
}
