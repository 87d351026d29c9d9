import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fitEncoder, numbersOf, stringsOf } from '@breakwater/features'
import { inProcess, resultFolder } from '@breakwater/jobs'
import {
  ask,
  describeSet,
  fitMix,
  fitOnRows,
  fitSet,
  parseDetails,
  planFit,
  serveTable,
  tableAtAnchor,
  targetsOf,
} from '@breakwater/models'
import { fitSetByJobs, program } from '@breakwater/models/jobs'
import { loadSet, writeSet } from '@breakwater/models/node'
import { createSearcher } from '@breakwater/retrieval'
import { foldRows } from '@breakwater/splits'
import { feasibilityGate } from '@breakwater/viewport'
import { afterAll, describe, expect, test } from 'vitest'
import { ORIGIN, REQUEST, sampleSignals, TREES } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'breakwater-mix-jobs-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const signals = sampleSignals()
const { table } = signals
const plan = planFit(signals, REQUEST)
const [planned] = plan.sets
if (planned === undefined) throw new Error('a set is planned')
const fit = { trees: TREES, calibrationFolds: 2 }
const neighbours = { k: 15, episodeCap: 2 }
const executor = inProcess({ program, dataOf: () => Promise.resolve({ signals }), threads: 2 })
const options = { executor, results: resultFolder(join(root, 'jobs')), program: program.version }
const mixed = await fitSetByJobs(plan, planned, { ...fit, mix: 'fitted', neighbours }, options)
const set = describeSet(mixed, ORIGIN)
const word = (name: string, row: number): string | null => {
  const column = table.columns[name]
  return column?.type === 'string' ? (column.dictionary[column.codes[row] ?? -1] ?? null) : null
}

describe('a mix that is fitted in training', () => {
  test('is the mix of forecasts out of fold with votes and gate of the same rows, as they are by hand', async () => {
    const dates = stringsOf(table, 'date')
    const days = [...new Set(dates)].toSorted()
    const readings = numbersOf(table, 'tape_imbalance')
    const gamma = numbersOf(table, 'gamma_exposure')
    const [group] = planned.groups
    const target = plan.targets.find(({ name }) => name === 'direction')
    if (group === undefined || target === undefined) throw new Error('direction is planned')
    for (const { fold, directions } of mixed.folds) {
      const rows = { p: [], vote: [], bias: [], label: [], sessions: [] } as Record<string, number[]>
      for (const evidence of directions) {
        // Forecast by models that saw no row of the same or a later session.
        const { train } = foldRows(evidence.fold, plan.rows)
        const seen = dates.filter((_, row) => train[row] === 1).toSorted()
        expect([...evidence.rows].every((row) => (dates[row] ?? '') > (seen.at(-1) ?? '9'))).toBe(true)
        const { features } = group
        const encoder = fitEncoder(tableAtAnchor(features, table, '4min'), features, { rows: train })
        const labelled = { signals, targets: plan.targets }
        const { index, matrix } = fitOnRows(labelled, { encoder, mask: train }, { ...neighbours, anchor: '4min' })
        const searcher = createSearcher(index)
        const width = matrix.columns.length
        const query = (values: Float32Array, asked: Parameters<typeof searcher.query>[1][]) =>
          Promise.resolve(asked.map((each, i) => searcher.query(values.subarray(i * width, (i + 1) * width), each)))
        const question = { table, matrix, rows: evidence.rows, anchor: '4min', k: neighbours.k } as const
        const votes = await ask(
          { query: (values, asked) => query(values, [...asked]) },
          question,
          undefined,
          () => undefined,
        )
        for (const [i, row] of evidence.rows.entries()) {
          const p = evidence.values.get('direction')?.[i] ?? Number.NaN
          if (target.mask[row] !== 1 || Number.isNaN(p)) continue
          const gate = feasibilityGate({
            barrierState: word('barrier_state', row),
            fuelEffect: word('fuel_effect', row),
            tapeImbalance: readings[row] ?? Number.NaN,
            gammaExposure: gamma[row] ?? Number.NaN,
            directionSign: word('direction', row) === 'UP' ? 1 : -1,
          })
          rows['p']?.push(p)
          rows['vote']?.push(
            votes[i]?.distancePercentile == null ? Number.NaN : (votes[i].pBreakGivenTradeable ?? Number.NaN),
          )
          rows['bias']?.push(gate.breakLogitBias)
          rows['label']?.push(target.values[row] ?? Number.NaN)
          rows['sessions']?.push(days.indexOf(dates[row] ?? ''))
        }
      }
      const byHand = fitMix(rows as unknown as Parameters<typeof fitMix>[0])
      const record = set.details.mix?.fits.find((one) => one.fold === fold.index)
      expect(record).toEqual({ fold: fold.index, anchor: '4min', ...byHand })
      expect(byHand.rows).toBeGreaterThan(50)
    }
    expect(set.details.mix).toMatchObject({ kind: 'fitted', neighbours: 15, episodeCap: 2 })
  }, 300_000)

  test('changes nothing else of the set, and is read back', async () => {
    const { mix, ...rest } = set.details
    const plain = describeSet(await fitSet(plan, planned, fit), ORIGIN)
    expect(rest).toEqual(plain.details)
    expect(set.predictions).toEqual(plain.predictions)
    await writeSet(join(root, 'set'), set, ORIGIN)
    const { details } = await loadSet(join(root, 'set'), { stage: 'stage_b', ablation: 'full' })
    expect(details.mix).toEqual(mix)
    expect(() => parseDetails({ ...details, mix: { ...mix, kind: 'tuned' } }, 'a file')).toThrow('a file: details.mix')
  })

  test('is recorded without terms where it is not fitted', async () => {
    const documented = await fitSetByJobs(plan, planned, { ...fit, mix: 'documented' }, options)
    expect(documented.mix).toEqual({ kind: 'documented', neighbours: 50, episodeCap: 2, fits: [] })
  })

  test('serves the rows of each fold with its own terms', () => {
    const part = { signals, predictions: set.predictions, targets: targetsOf(set.details, signals) }
    const reasons = { neighbours: '', gate: '' }
    const untried = { saved: null, standardError: null }
    const shared = {
      anchor: '4min',
      neighbours: null,
      reasons,
      tested: { neighbours: untried, gate: untried },
      rows: 0,
      sessions: 0,
    } as const
    const fits = [0, 1].map((fold) => ({ ...shared, fold, gate: fold }))
    const served = serveTable(part, () => [], { mix: 'fitted', fits }).get('p_break')
    const none = serveTable(part, () => [], { mix: 'none', fits }).get('p_break')
    const other = [0, 1].map(
      (fold) =>
        [...set.predictions.fold].filter(
          (each, i) => each === fold && served?.[i] !== none?.[i] && !Number.isNaN(none?.[i]),
        ).length,
    )
    expect(other[0]).toBe(0)
    expect(other[1]).toBeGreaterThan(50)
  })
})
