import { stringColumn } from '@breakwater/features'
import { describeSet, fitSet, forecastTable, type SetDescription, planFit, type TreeOptions } from '@breakwater/models'
import { describe, expect, test } from 'vitest'
import { ORIGIN, REQUEST, sampleSignals, TREES } from './sample.ts'

const signals = sampleSignals()

async function fitted(monotone: NonNullable<TreeOptions['monotone']>): Promise<SetDescription> {
  const plan = planFit(signals, { ...REQUEST, plan: { ...REQUEST.plan, folds: 1 } })
  const [set] = plan.sets
  if (set === undefined) throw new Error('a set is planned')
  return describeSet(
    await fitSet(plan, set, { trees: { ...TREES, rounds: 40, monotone }, calibrationFolds: 0 }),
    ORIGIN,
  )
}

/** The largest fall of any head's forecast, by one step of `column` up, on every row of the signals. */
function largestFall(set: SetDescription, column: string): number {
  const found = signals.table.columns[column]
  if (found?.type !== 'number') throw new Error(`${column} is a column of numbers`)
  const sorted = found.values.filter((value) => !Number.isNaN(value)).toSorted()
  let before: ReadonlyMap<string, Float64Array> | null = null
  let fall = 0
  for (const share of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const value = sorted[Math.round(share * (sorted.length - 1))] ?? 0
    const columns = { ...signals.table.columns, [column]: { ...found, values: found.values.map(() => value) } }
    const { heads } = forecastTable(set, { rows: signals.table.rows, columns })
    for (const [name, values] of heads) {
      const earlier = before?.get(name)
      for (const [row, forecast] of values.entries()) fall = Math.max(fall, (earlier?.[row] ?? forecast) - forecast)
    }
    before = heads
  }
  return fall
}

describe('monotone constraints', () => {
  test('hold for every head, are in the details, and bind', async () => {
    const rising = await fitted({ bars_since_open: 1 })
    expect(rising.details.options.monotone).toEqual({ bars_since_open: 1 })
    expect(largestFall(rising, 'bars_since_open')).toBe(0)
    const free = await fitted({})
    expect(free.details.options.monotone).toEqual({})
    expect(largestFall(free, 'bars_since_open')).toBeGreaterThan(0.01)
    const falling = await fitted({ bars_since_open: -1 })
    expect(largestFall(falling, 'bars_since_open')).toBeGreaterThan(0.001)
  })

  test('on columns that no head sees, or that hold words, are refused', async () => {
    await expect(fitted({ bars_since_opn: 1 })).rejects.toThrow(
      'models: monotone=bars_since_opn: no head sees such a column.',
    )
    const word = Object.keys(signals.table.columns).find((name) => name === 'barrier_state') ?? ''
    expect(stringColumn(signals.table, word).dictionary.length).toBeGreaterThan(0)
    await expect(fitted({ [word]: 1 })).rejects.toThrow('models: monotone=barrier_state: contains words')
  })
})
