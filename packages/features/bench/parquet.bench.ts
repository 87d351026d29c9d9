/**
 * Writes and reads 1,000,000 signals of 100 feature columns, checks the values, and prints medians of three and the peak
 * memory of each step (each in a process of its own).
 *
 * Run in packages/features: node --conditions=@breakwater/source bench/parquet.bench.ts [rows] [features]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSchema } from '@breakwater/features'
import type { Column, Schema, Table } from '@breakwater/features'
import { hashTable, readSignals, writeTable } from '@breakwater/features/parquet'

const [rowsText = '1000000', featuresText = '100', step = 'all', folder = ''] = process.argv.slice(2)
const rows = Number(rowsText)
const features = Number(featuresText)

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** A word that looks random and is the same in every run (Mulberry32's mixing step). */
function mix(seed: number): number {
  let t = (seed + 0x6d2b79f5) | 0
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return (t ^ (t >>> 14)) >>> 0
}

const featureNames = Array.from({ length: features }, (_, i) => `feature_${i}`)

function schemaOf(): Schema {
  const identity = { group: 'g', role: 'identity', unit: '1', description: 'x' }
  const feature = {
    type: 'float64',
    group: 'g',
    role: 'feature',
    family: 'ta',
    stage: 'b',
    unit: '1',
    known_after_s: 0,
  }
  const columns = {
    event_id: { ...identity, type: 'string' },
    ts_ns: { ...identity, type: 'time' },
    date: { ...identity, type: 'string' },
    level_kind_name: { ...identity, type: 'string' },
    ...Object.fromEntries(featureNames.map((name) => [name, { ...feature, description: 'x' }])),
  }
  return parseSchema({ version: 2, name: 'bench', description: '', columns })
}

/** 250 sessions; one value in ten is missing; every feature is exact in 32 bits. */
function makeTable(): Table {
  const perDay = Math.ceil(rows / 250)
  const day = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / perDay))
  const dates = Array.from({ length: 250 }, (_, i) => new Date(Date.UTC(2024, 0, 2 + i)).toISOString().slice(0, 10))
  const ts = BigInt64Array.from(
    day,
    (d, row) => 1_704_205_800_000_000_000n + BigInt(d) * 86_400_000_000_000n + BigInt(row),
  )
  const ids = Array.from({ length: rows }, (_, row) => `${dates[day[row] ?? 0]}-ROUND-47600-${row}`)
  const columns: Record<string, Column> = {
    event_id: { type: 'string', codes: Int32Array.from(day, (_, row) => row), dictionary: ids },
    ts_ns: { type: 'time', values: ts },
    date: { type: 'string', codes: day, dictionary: dates },
    level_kind_name: {
      type: 'string',
      codes: day.map((_, row) => mix(row) % 4),
      dictionary: ['ROUND', 'VWAP', 'PM_LOW', 'PM_HIGH'],
    },
  }
  for (const [i, name] of featureNames.entries()) {
    const values = new Float32Array(rows)
    for (let row = 0; row < rows; row++) {
      const word = mix(row * 131 + i)
      values[row] = word % 10 === 0 ? Number.NaN : (word >>> 8) / 65_536
    }
    columns[name] = { type: 'number', values }
  }
  return { rows, columns }
}

const peakMiB = (): number => Math.round(process.resourceUsage().maxRSS / 1024)

async function writeStep(): Promise<void> {
  const table = makeTable()
  const before = peakMiB()
  const started = performance.now()
  await writeTable(join(folder, 'signals.parquet'), table)
  const seconds = (performance.now() - started) / 1000
  const afterWrite = peakMiB()
  const again = performance.now()
  const hash = hashTable(table)
  const hashSeconds = (performance.now() - again) / 1000
  print(JSON.stringify({ seconds, hashSeconds, hash, before, peak: afterWrite }))
}

async function readStep(): Promise<void> {
  const before = peakMiB()
  const started = performance.now()
  const { table, hash } = await readSignals({ paths: folder, schema: schemaOf() })
  const seconds = (performance.now() - started) / 1000
  print(JSON.stringify({ seconds, hash, rows: table.rows, before, peak: peakMiB() }))
}

type Report = { seconds: number; hashSeconds?: number; hash: string; before: number; peak: number }

function runStep(name: string, where: string): Report {
  const args = ['--conditions=@breakwater/source', import.meta.filename, rowsText, featuresText, name, where]
  const child = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`bench: step ${name} failed: ${child.stderr}`)
  return JSON.parse(child.stdout) as Report
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function report(name: string, runs: readonly Report[]): void {
  const seconds = median(runs.map((run) => run.seconds))
  const spread = `${Math.min(...runs.map((run) => run.seconds)).toFixed(2)} to ${Math.max(...runs.map((run) => run.seconds)).toFixed(2)}`
  const memory = `peak ${median(runs.map((run) => run.peak))} MiB (${median(runs.map((run) => run.before))} before)`
  print(
    `${name}: ${seconds.toFixed(2)} s (${spread}), ${Math.round(rows / seconds).toLocaleString('en')} rows/s, ${memory}`,
  )
}

function runAll(): void {
  const where = mkdtempSync(join(tmpdir(), 'parquet-bench-'))
  try {
    print(`${rows} rows x ${features} features + 4, ${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`)
    const writes = [1, 2, 3].map(() => runStep('write', where))
    const reads = [1, 2, 3].map(() => runStep('read', where))
    const hashes = new Set([...writes, ...reads].map((run) => run.hash))
    if (hashes.size !== 1) throw new Error('bench: what was read is not what was written')
    print(
      `values checked: hash ${[...hashes][0]?.slice(0, 12)}, file ${Math.round(statSync(join(where, 'signals.parquet')).size / 2 ** 20)} MiB`,
    )
    report('writeTable', writes)
    report('readSignals, with its hash', reads)
    print(`hashTable alone: ${median(writes.map((run) => run.hashSeconds ?? Number.NaN)).toFixed(2)} s`)
  } finally {
    rmSync(where, { recursive: true })
  }
}

if (step === 'write') await writeStep()
else if (step === 'read') await readStep()
else runAll()
