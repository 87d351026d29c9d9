import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { temporaryFolder, trainerJson } from './run-trainer.ts'

/** A simulated market with a trained set and its workbench. */
export interface WorkbenchSample {
  readonly folder: string
  /** All sessions, and the last two, which the models have not seen. */
  readonly dates: readonly string[]
  readonly tested: readonly string[]
  readonly signals: string
  readonly models: string
  /** Where the workbench is. */
  readonly ui: string
  /** Trains with so many rounds; a later training replaces an earlier one. */
  readonly train: (rounds: number) => Promise<unknown>
  /** Writes a workbench. */
  readonly write: (
    output: string,
    more?: readonly string[],
  ) => Promise<{ readonly files: number; readonly url: string }>
  /** What a data file of the workbench hands to the page. */
  readonly dataOf: (name: string) => unknown
  readonly remove: () => void
}

/** A market of nine sessions, and its signals; nothing is trained yet. */
export async function workbenchSample(): Promise<WorkbenchSample> {
  const { path: folder, remove } = temporaryFolder()
  const simulation = simulate({ sessions: 9, seed: 11 })
  const { dates } = simulation.truth
  const tested = dates.slice(7)
  const [signals, models, ui] = ['signals.parquet', 'models', 'ui'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeSimulation(folder, simulation)
  await trainerJson(['signals', '--bars', join(folder, 'bars.parquet'), '--output', signals])
  const roles = ['--train-dates', ...dates.slice(0, 6), '--val-dates', dates[6] ?? '', '--test-dates', ...tested]
  const small = ['--stage', 'stage_b', '--calibration-folds', '0', '--tracking', 'none']
  const data = ['--data-path', signals]
  return {
    folder,
    dates,
    tested,
    signals,
    models,
    ui,
    train: (rounds) =>
      trainerJson(['train', ...data, '--output-dir', models, ...roles, ...small, '--rounds', String(rounds)]),
    write: (output, more = []) => trainerJson(['ui', '--model-dir', models, ...data, '--output-dir', output, ...more]),
    dataOf(name) {
      const file = readFileSync(join(ui, 'data', `${name}.js`), 'utf8')
      const [, json = ''] = /^breakwater\.take\("[^"]+", (.*)\)\n$/s.exec(file) ?? []
      return JSON.parse(json) as unknown
    },
    remove,
  }
}
