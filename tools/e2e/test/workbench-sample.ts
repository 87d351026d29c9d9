import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numbersOf, stringsOf, timesOf } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
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
  const small = ['--stage', 'stage_b', '--calibration-folds', '0', '--tracking', 'none', '--threads', '1']
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

/** A trade as bars and predictions give it. */
interface HandTrade {
  readonly date: string
  readonly dollars: number
}

/** The trades of the stated rule where a head's forecast is at least `least`, by what bars and predictions say. */
export async function tradesByHand(
  { folder, models, signals }: Pick<WorkbenchSample, 'folder' | 'models' | 'signals'>,
  head: string,
  cost: number,
): Promise<(least: number) => HandTrade[]> {
  const { table: bars } = await readTable(join(folder, 'bars.parquet'))
  const { table: predicted } = await readTable(join(models, 'predictions_stage_b_full.parquet'))
  const { table } = await readTable(signals)
  const MINUTE = 60_000_000_000n
  const closes = numbersOf(bars, 'close')
  const closeOf = new Map([...timesOf(bars, 'ts_ns')].map((ts, i) => [ts, closes[i] ?? Number.NaN]))
  const [ids, dateOf, way] = ['event_id', 'date', 'direction'].map((name) => stringsOf(table, name))
  const [level, touched] = [numbersOf(table, 'level_price'), timesOf(table, 'ts_ns')]
  const rowOf = new Map((ids ?? []).map((id, row) => [id, row]))
  const [forecast, breaks] = [`s_${head}`, 's_direction'].map((name) => numbersOf(predicted, name))
  return (least) =>
    stringsOf(predicted, 'event_id').flatMap((id, i) => {
      const row = rowOf.get(id) ?? -1
      const start = touched[row] ?? 0n
      // The bar that ends as the minute begins four minutes after the touch, and the one five minutes later.
      const [entry = Number.NaN, exit = Number.NaN] = [3n, 8n].map((minute) => closeOf.get(start + minute * MINUTE))
      if (!((forecast?.[i] ?? 0) >= least) || !(Math.abs(entry - (level[row] ?? 0)) < 2 - 1e-8)) return []
      if (Number.isNaN(exit)) return []
      const up = (breaks?.[i] ?? 0) >= 0.5 === (way?.[row] === 'UP')
      return [{ date: dateOf?.[row] ?? '', dollars: (up ? exit - entry : entry - exit) - cost }]
    })
}
