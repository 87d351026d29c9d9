import type { HeadCalibrator } from '@breakwater/calibration'
import { type HeadTarget, numbersOf, type Table, withConfirmed } from '@breakwater/features'
import { predict } from '@breakwater/trees'
import { encodeAtAnchor } from '../at-anchor.ts'
import { rowsOf, takeTable, takeValues } from '../rows.ts'
import { applyCalibrators, type OutOfFoldPredictions, sessionRanks } from './calibrators.ts'
import type { TrainedFold } from './fold.ts'
import { type HeadUncertainty, headUncertainty, type Refit } from './head-uncertainty.ts'

/** What tells how sure heads are. */
export interface HeadUncertaintiesRequest {
  readonly table: Table
  readonly targets: readonly HeadTarget[]
  /** Predictions of rows that their models did not see, without calibrators. */
  readonly parts: readonly OutOfFoldPredictions[]
  readonly calibrators: ReadonlyMap<string, HeadCalibrator | null>
  /** Forecasts of a head by trees of part of the sessions beside those of its own; null where there are none. */
  readonly refitOf: (head: string) => Refit | null
}

/** Parts of where price stands at the anchor, and of the ATR, that rows are grouped by. */
const PARTS = { place: 3, range: 2 } as const

/** How sure the calibrated probabilities of heads are, by head, see `headUncertainty`. A head without a row that it did not see has no entry. */
export function headUncertainties(request: HeadUncertaintiesRequest): Map<string, HeadUncertainty> {
  const { table, targets, parts, calibrators, refitOf } = request
  const sessions = sessionRanks(table)
  const calibrated = parts.map(({ rows, predictions }) => {
    const chosen = new Map([...predictions].map(([name, values]) => [name, takeValues(values, rows)]))
    return { rows, predictions: applyCalibrators(chosen, calibrators) }
  })
  const anchors = new Set(targets.map(({ anchor }) => anchor))
  const places = new Map([...anchors].map((anchor) => [anchor, numbersOf(withConfirmed(table, anchor), 'moved')]))
  const ranges = numbersOf(table, 'atr')
  const found = new Map<string, HeadUncertainty>()
  for (const target of targets) {
    if (target.task !== 'binary') continue
    const known = calibrated.flatMap(({ rows, predictions }) => {
      const values = predictions.get(target.name)
      return [...rows].flatMap((row, i) => {
        const p = values?.[i] ?? Number.NaN
        return target.mask[row] === 1 && !Number.isNaN(p) ? [{ row, p }] : []
      })
    })
    const at = (values: ArrayLike<number>): number[] => known.map(({ row }) => values[row] as number)
    const evidence = {
      p: known.map(({ p }) => p),
      outcomes: at(target.values),
      sessions: at(sessions),
      by: [[at(places.get(target.anchor) ?? []), PARTS.place] as const, [at(ranges), PARTS.range] as const],
    }
    const one = headUncertainty(evidence, refitOf(target.name))
    if (one !== null) found.set(target.name, one)
  }
  return found
}

/** A fold's heads on its validation rows, beside those of its last inner fold, which was trained on part of the sessions. */
export function foldRefit(
  table: Table,
  own: TrainedFold,
  inner: TrainedFold | undefined,
): (head: string) => Refit | null {
  if (inner === undefined) return () => null
  const rows = rowsOf(own.validation)
  const there = takeTable(table, rows)
  return (head) => {
    const before = inner.models.find(({ target }) => target.name === head)
    const values = own.predictions.get(head)
    if (before === undefined || values === undefined) return null
    const { matrix } = encodeAtAnchor(before.encoder, there, before.target.anchor)
    return { served: [...takeValues(values, rows)], before: [...predict(before.model, matrix)] }
  }
}
