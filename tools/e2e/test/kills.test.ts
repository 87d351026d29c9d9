import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { decodeSafetensors } from '@breakwater/formats'
import { hashFile, publishedFiles } from '@breakwater/formats/node'
import { readTable } from '@breakwater/features/parquet'
import { loadSet, readIndex, readIndexRecord } from '@breakwater/models/node'
import { loadTrainedModel } from '@breakwater/models/patchtst'
import { readSequences } from '@breakwater/patchtst'
import { simulate, writeSimulation } from '@breakwater/simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MAIN, ROOT, temporaryFolder, trainerJson } from './run-trainer.ts'

/** Kills of each command: with BREAKWATER_ATTACK=1, as `npm run attack` sets it, 200 over all commands. */
const KILLS = process.env['BREAKWATER_ATTACK'] === '1' ? 25 : 2

const folder = temporaryFolder()
const at = (...names: readonly string[]): string => join(folder.path, ...names)
const SCHEMA = ['--schema', join(ROOT, 'data', 'features.json')]
const SET = ['--stage', 'stage_b', '--ablation', 'full']

beforeAll(async () => {
  await writeSimulation(folder.path, simulate({ sessions: 12, seed: 5 }))
  await trainerJson(signals(0))
  await trainerJson(train(0))
  await trainerJson(['sequences', '--data-path', at('signals.parquet'), '--output-dir', at('input'), ...SCHEMA])
  const sweep = {
    method: 'grid',
    metric: { head: 'direction', name: 'brier' },
    data: { signals: [at('signals.parquet')] },
    train: { rounds: 4, maxDepth: [2, 3] },
    plan: { folds: 1 },
    anchors: ['4min'],
  }
  writeFileSync(at('sweep.json'), JSON.stringify(sweep))
})
afterAll(folder.remove)

// Each run has another content than the run before, by its number: a name, a time or a length.
const signals = (run: number): string[] => [
  'signals',
  '--bars',
  at('bars.parquet'),
  '--physics',
  at('physics.parquet'),
  '--output',
  at('signals.parquet'),
  '--symbol',
  `SPY${run % 2}`,
]
const train = (_run: number): string[] => [
  'train',
  '--data-path',
  at('signals.parquet'),
  '--output-dir',
  at('models'),
  '--folds',
  '1',
  '--rounds',
  '5',
  '--anchors',
  '4min',
  ...SET,
  ...SCHEMA,
]
const trained = ['--data-path', at('signals.parquet'), '--model-dir', at('models'), ...SET, ...SCHEMA]

/** A command that writes results, and how to read all that it wrote: throws on a mixture. */
interface Writer {
  readonly args: (run: number) => readonly string[]
  readonly read: () => Promise<unknown>
}

const refuse = (why: string): Error => new Error(why)

/** The files that a pointer lists are those of one run. */
async function listed(where: string, pointer: string): Promise<string[]> {
  const files = await publishedFiles(where, pointer)
  expect(files.size).toBeGreaterThan(0)
  for (const { path, sha256 } of files.values()) expect(await hashFile(path)).toBe(sha256)
  return Array.from(files.values(), ({ path }) => path)
}

const pages = (command: string, name: string, more: readonly string[] = []): Writer => ({
  args: () => [command, ...trained, ...more, '--output-dir', at('reports')],
  read: async () => {
    const figures = JSON.parse(readFileSync(at('reports', `${name}.json`), 'utf8')) as { readonly sets: unknown[] }
    expect(figures.sets).toHaveLength(1)
    const [page = ''] = await listed(at('reports'), `${name}.json`)
    expect(readFileSync(page, 'utf8')).toMatch(/<\/html>\s*$/)
  },
})

const WRITERS: Readonly<Record<string, Writer>> = {
  signals: {
    args: signals,
    read: async () => expect((await readTable(at('signals.parquet'))).table.rows).toBeGreaterThan(100),
  },
  train: { args: train, read: () => loadSet(at('models'), { stage: 'stage_b', ablation: 'full' }) },
  index: {
    args: () => ['index', ...trained, '--output-dir', at('index'), '--k-neighbors', '5'],
    read: async () => {
      const record = at('index', 'retrieval_index_stage_b_full.json')
      await readIndex(record, await readIndexRecord(record))
    },
  },
  evaluate: pages('evaluate', 'evaluation'),
  calibrate: pages('calibrate', 'calibration', ['--k-neighbors', '5']),
  sequences: {
    args: (run) => [
      'sequences',
      '--data-path',
      at('signals.parquet'),
      '--output-dir',
      at('sequences'),
      ...SCHEMA,
      '--seq-len',
      String(20 + (run % 7)),
      '--no-statics',
    ],
    read: async () => {
      const lengths = new Set<number>()
      for (const path of await listed(at('sequences'), 'sequences.json'))
        lengths.add((await readSequences(path)).length)
      // All of one run: each run has a length of its own.
      expect(lengths.size).toBe(1)
    },
  },
  patchtst: {
    args: (run) => [
      'patchtst',
      '--train-files',
      at('input', '*.npz'),
      '--output-dir',
      at('patchtst'),
      '--epochs',
      '1',
      '--width',
      '8',
      '--feed-forward',
      '8',
      '--layers',
      '1',
      '--patch-length',
      '12',
      '--stride',
      '12',
      '--attention-heads',
      '2',
      '--threads',
      '1',
      '--seed',
      String(run),
    ],
    read: () => loadTrainedModel(at('patchtst', 'patchtst.onnx'), 'patchtst.onnx'),
  },
  sweep: {
    args: () => ['sweep', '--config', at('sweep.json'), '--output-dir', at('swept'), ...SCHEMA],
    read: async () => {
      const trials = at('swept', 'trials')
      for (const name of readdirSync(trials).filter((one) => one.endsWith('.json') && !one.startsWith('.'))) {
        const { error } = JSON.parse(readFileSync(join(trials, name), 'utf8')) as { readonly error: string | null }
        expect(error).toBeNull()
        const forecasts = readFileSync(join(trials, name.replace('.json', '.safetensors')))
        expect(decodeSafetensors(forecasts, refuse).tensors.get('forecasts')).toBeDefined()
      }
    },
  },
}

interface Outcome {
  readonly code: number | null
  readonly signal: string | null
  readonly err: string
}

/** Runs a command that is killed before its n-th call of the file system; 0 lets it live. */
async function runTo(args: readonly string[], number: number, killAt: number): Promise<Outcome> {
  const preload = pathToFileURL(join(import.meta.dirname, 'kill-at.ts')).href
  const flags = ['--conditions=@breakwater/source', `--import=${preload}`, MAIN, ...args, '--quiet']
  const env = {
    ...process.env,
    BREAKWATER_TRACKING: 'none',
    KILL_AT: String(killAt),
    SOURCE_DATE_EPOCH: String(1_700_000_000 + number),
  }
  const child = spawn(process.execPath, flags, { cwd: folder.path, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let err = ''
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, err }
}

/** A generator of numbers in [0, 1), the same at each run. */
function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test.each(Object.entries(WRITERS))(
  `of ${KILLS} runs of \`%s\` that are killed while they write, each leaves a whole set that loads`,
  async (name, { args, read }) => {
    const first = await runTo(args(1), 1, 0)
    expect(first.err).toMatch(/^calls: \d+$/m)
    expect(first.code).toBe(0)
    await read()
    const calls = Number(/^calls: (\d+)$/m.exec(first.err)?.[1])
    expect(calls).toBeGreaterThan(5)
    const next = uniforms(name.length)
    let killed = 0
    for (let i = 2; i < 2 + KILLS; i++) {
      if (name === 'sweep' && existsSync(at('swept'))) startAgain()
      const { code, signal, err } = await runTo(args(i), i, 1 + Math.floor(next() * calls))
      // One that had fewer calls to make than the counted one may come through.
      if (signal === null && code !== 0) throw new Error(err)
      if (signal === 'SIGKILL') killed += 1
      await read()
    }
    expect(killed).toBeGreaterThan(KILLS / 2)
    // The next one that lives takes the lock over.
    expect((await runTo(args(1), 1, 0)).code).toBe(0)
    await read()
  },
)

/** A sweep goes on where it ended: without the results of a trial it has something to write. */
function startAgain(): void {
  const trials = at('swept', 'trials')
  for (const name of readdirSync(trials)) if (name.startsWith('0001')) rmSync(join(trials, name))
}
