import { stringColumn } from '@breakwater/features'
import { calibrationFolds, fitSet, planFit } from '@breakwater/models'
import { expect, test } from 'vitest'
import { REQUEST, sampleSignals, TREES } from './sample.ts'

const signals = sampleSignals()

test.each([
  [1, 'its inner fold', 'inner'],
  [0, 'its calibration dates where it has no inner fold', 'own'],
])(
  'chooses what it serves by forecasts that its law was not calibrated on: of %i inner folds, by %s',
  async (count, _, by) => {
    const one = planFit(signals, { ...REQUEST, plan: { ...REQUEST.plan, folds: 1, calibrationSessions: 1 } })
    const [planned] = one.sets
    const [fold] = one.plan.folds
    if (planned === undefined || fold === undefined) throw new Error('a set of one fold is planned')
    const [fitted] = (await fitSet(one, planned, { trees: TREES, calibrationFolds: count })).folds
    const inner = calibrationFolds(fold, one.rows, count, one.embargoSessions)
    const wanted = by === 'inner' ? inner.map((each) => each.test) : [fold.calibration]
    const { codes, dictionary } = stringColumn(signals.table, 'date')
    const seen = fitted?.directions.map(({ rows }) => [
      ...new Set(Array.from(rows, (row) => dictionary[codes[row] ?? -1])),
    ])
    expect(seen).toEqual(wanted.map((dates) => [...dates]))
    expect(fitted?.serving.sessions).toBe(wanted.flat().length)
  },
)
