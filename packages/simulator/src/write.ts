import { join } from 'node:path'
import type { Bars, Column, Table } from '@breakwater/features'
import { writeTable } from '@breakwater/features/parquet'
import { replaceFile } from '@breakwater/formats/node'
import type { Simulation, SimulationTruth } from './simulate.ts'

/** Paths of the files that {@link writeSimulation} wrote. */
export interface SimulationFiles {
  /** Parquet: `ts_ns` (start of the minute), open, high, low, close, volume. */
  readonly bars: string
  /** Parquet: `ts_ns` and the physics columns, NULL where a value is missing. */
  readonly physics: string
  /** JSON: options, planted effects, dates and reactions; ns as decimal strings. */
  readonly truth: string
}

/**
 * Writes bars.parquet, physics.parquet and truth.json into the folder `dir`, which is made when it is absent. Each file
 * is replaced whole or not at all, so that a reader never sees half of one.
 */
export async function writeSimulation(dir: string, simulation: Simulation): Promise<SimulationFiles> {
  const files = {
    bars: join(dir, 'bars.parquet'),
    physics: join(dir, 'physics.parquet'),
    truth: join(dir, 'truth.json'),
  }
  await writeTable(files.bars, barsTable(simulation.bars))
  await writeTable(files.physics, simulation.physics)
  await replaceFile(files.truth, truthJson(simulation.truth))
  return files
}

function barsTable({ rows, ts, open, high, low, close, volume }: Bars): Table {
  return {
    rows,
    columns: {
      ts_ns: { type: 'time', values: ts },
      open: numbers(open),
      high: numbers(high),
      low: numbers(low),
      close: numbers(close),
      volume: numbers(volume),
    },
  }
}

const numbers = (values: Float64Array): Column => ({ type: 'number', values })

function truthJson(truth: SimulationTruth): string {
  return `${JSON.stringify(truth, plain, 2)}\n`
}

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
