import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { runBreakwater } from './run-breakwater.ts'

/** Which of two runs that take turns in a folder of results, and write other content there. */
export type Turn = 0 | 1

/** A command that writes results. */
export interface WritingCommand {
  readonly name: string
  /** Its arguments, so that it writes into `folder`. */
  readonly args: (folder: string, turn: Turn) => readonly string[]
  /** Makes the folder that it begins with, where it does not replace what an earlier run left. */
  readonly begin?: (folder: string) => void
  /** Whether it may end with 1 after it wrote: so it says what it found. */
  readonly mayFail?: boolean
  /** Whether it takes half a minute or more: then only `npm run attack` tries it. */
  readonly isLong?: boolean
}

const SMALL = ['--anchors', '4min', '--horizons', '60', '--rounds', '5', '--calibration-folds', '0']
const NETWORK = ['--width', '8', '--feed-forward', '16', '--layers', '1', '--patch-length', '12', '--stride', '12']
const SET = 'metadata_stage_b_full'

/** Writes the bars, signals, models and sequences that the commands read into `folder`, and gives the commands. */
export async function writingCommands(folder: string): Promise<readonly WritingCommand[]> {
  const at = (...names: readonly string[]): string => join(folder, ...names)
  const make = async (args: readonly string[], turn: Turn): Promise<void> => {
    const { code, err } = await runBreakwater([...args, '--quiet'], folder, timeOf(turn))
    if (code !== 0) throw new Error(`breakwater ${args.join(' ')} ended with ${code}\n${err}`)
  }
  const simulation = simulate({ sessions: 9, seed: 5 })
  const { dates } = simulation.truth
  await writeSimulation(folder, simulation)
  await writeSimulation(at('other'), simulate({ sessions: 2, seed: 6 }))
  const market = (flag: string): string[] => ['--bars', at('bars.parquet'), flag, at('physics.parquet')]
  const signals = (output: string, turn: Turn): string[] => {
    const thresholds = turn === 0 ? ['0.75', '1.5'] : ['1', '2']
    return ['signals', ...market('--physics'), '--thresholds', ...thresholds, '--output', output]
  }
  const dataOf = (turn: Turn): string[] => ['--data-path', at(`signals-${turn}.parquet`)]
  const [fitted, stopped, tested] = [dates.slice(1, 5), dates.slice(5, 7), dates.slice(7)]
  const roles = ['--train-dates', ...fitted, '--val-dates', ...stopped, '--test-dates', ...tested]
  const names = ['--stage', 'stage_b', '--ablation', 'full']
  const train = (output: string, turn: Turn): string[] => {
    const fit = [...SMALL, '--seed', String(7 + turn)]
    return ['train', ...names, ...dataOf(1), ...roles, ...fit, '--output-dir', output]
  }
  const setOf = (turn: Turn): string[] => [...dataOf(1), '--model-dir', at(`models-${turn}`)]
  const index = (output: string, turn: Turn): string[] => {
    return ['index', ...setOf(1), ...neighbours(turn), '--evaluate-k', '5', '--output-dir', output]
  }
  await make(signals(at('signals-0.parquet'), 0), 0)
  await make(signals(at('signals-1.parquet'), 1), 0)
  await make(train(at('models-0'), 0), 0)
  // Holds both versions.
  cpSync(at('models-0'), at('models-1'), { recursive: true })
  await make(train(at('models-1'), 1), 1)
  await make(index(at('index'), 0), 0)
  await make(['sequences', ...dataOf(1), '--output-dir', at('sequences')], 0)
  const files = readdirSync(at('sequences')).filter((name) => name.endsWith('.npz'))
  const sequences = files.map((name) => at('sequences', name))
  const versions = ['models-0', 'models-1'].map((name) => versionIn(readFileSync(at(name, `${SET}.json`), 'utf8')))
  writeFileSync(at('sweep.json'), JSON.stringify(sweepOf(at('signals-1.parquet'))))
  const both = (output: string): void => cpSync(at('models-1'), output, { recursive: true })
  return [
    {
      name: 'check',
      args: (output, turn) => [
        'check',
        '--bars',
        at(turn === 0 ? '.' : 'other', 'bars.parquet'),
        '--output-dir',
        output,
      ],
    },
    { name: 'signals', args: (output, turn) => signals(join(output, 'signals.parquet'), turn) },
    {
      name: 'audit',
      mayFail: true,
      args: (output, turn) => ['audit', ...dataOf(turn), '--output-dir', output],
    },
    { name: 'train', args: train },
    { name: 'index', args: index },
    { name: 'evaluate', args: (output, turn) => ['evaluate', ...setOf(turn), '--output-dir', output] },
    {
      name: 'calibrate',
      isLong: true,
      args: (output, turn) => {
        const scored = ['--test-dates', ...tested.slice(1)]
        return ['calibrate', ...setOf(1), ...scored, ...neighbours(turn), '--output-dir', output]
      },
    },
    { name: 'sequences', args: (output, turn) => ['sequences', ...dataOf(turn), '--output-dir', output] },
    {
      name: 'patchtst',
      args: (output, turn) => {
        const read = ['--train-files', ...sequences.slice(0, 4), '--val-files', ...sequences.slice(4, 6)]
        return ['patchtst', ...read, ...NETWORK, '--epochs', '1', '--seed', String(turn), '--output-dir', output]
      },
    },
    {
      name: 'sweep',
      begin: (output) => mkdirSync(output),
      args: (output) => ['sweep', '--config', at('sweep.json'), '--output-dir', output],
    },
    { name: 'export', args: (output, turn) => ['export', ...setOf(turn), '--output-dir', output] },
    { name: 'ui', args: (output, turn) => ['ui', ...setOf(turn), '--output-dir', output] },
    {
      name: 'replay',
      args: (output, turn) => {
        const models = ['--model-dir', at('models-1'), '--retrieval-index', at('index'), '--physics', 'all']
        const pace = ['--speed', '0', '--interval-ms', '60000', '--write-every', String(1 + turn)]
        return ['replay', ...market('--physics-file'), ...models, ...pace, '--output', join(output, 'payloads.jsonl')]
      },
    },
    {
      name: 'promote',
      args: (output, turn) => ['promote', '--challenger', at(`models-${turn}`), '--model-dir', output, '--force'],
    },
    {
      name: 'rollback',
      begin: both,
      args: (output) => ['rollback', '--model-dir', output, '--set', SET, '--to', versions[0] ?? ''],
    },
    { name: 'prune', begin: both, args: (output) => ['prune', '--model-dir', output, '--keep-versions', '1'] },
    {
      name: 'demo',
      isLong: true,
      args: (output, turn) => ['demo', '--sessions', '12', '--seed', String(5 + turn), '--output-dir', output],
    },
  ]
}

const neighbours = (turn: Turn): string[] => ['--k-neighbors', String(5 + turn)]

/** Results as of another time have other bytes. */
export const timeOf = (turn: Turn): Readonly<Record<string, string>> => ({
  SOURCE_DATE_EPOCH: String(1_700_000_000 + 86_400 * turn),
})

const versionIn = (pointer: string): string => /(?<="versions\/)\w+/.exec(pointer)?.[0] ?? ''

const sweepOf = (signals: string): object => ({
  method: 'grid',
  metric: { head: 'direction', name: 'brier' },
  data: { signals: [signals] },
  train: { stage: 'stage_a', rounds: [2, 3] },
  plan: { folds: 1 },
  anchors: ['4min'],
  horizons: [60],
})
