import type { HeadCalibrator } from '@breakwater/calibration'
import { type HeadTarget, numbersOf, type Table, withConfirmed } from '@breakwater/features'
import { predict } from '@breakwater/trees'
import { encodeAtAnchor } from '../at-anchor.ts'
import { rowsOf, takeTable, takeValues } from '../rows.ts'
import { applyCalibrators, type OutOfFoldPredictions, sessionRanks } from './calibrators.ts'
import type { TrainedFold } from './fold.ts'
import { type HeadUncertainty, headUncertainty, treeVariance } from './head-uncertainty.ts'

/** What tells how sure heads are. */
export interface HeadUncertaintiesRequest {
  readonly table: Table
  readonly targets: readonly HeadTarget[]
  /** Predictions of rows that their models did not see, without calibrators. */
  readonly parts: readonly OutOfFoldPredictions[]
  readonly calibrators: ReadonlyMap<string, HeadCalibrator | null>
  /** What a head's trees vary by; null where that is not known. */
  readonly treesOf: (head: string) => number | null
}

/** Parts of where price stands at the anchor, and of the ATR, that rows are grouped by. */
const PARTS = { place: 3, range: 2 } as const

/**
 * How sure the calibrated probabilities of heads are, by head, see `headUncertainty`. Where nothing tells what a head's trees vary by, the variance of
 * groups stands in for it. A head without a row that it did not see has no entry.
 */
export function headUncertainties(request: HeadUncertaintiesRequest): Map<string, HeadUncertainty> {
  const { table, targets, parts, calibrators, treesOf } = request
  const sessions = sessionRanks(table)
  const calibrated = parts.map(({ rows, predictions }) => {
    const chosen = new Map([...predictions].map(([name, values]) => [name, takeValues(values, rows)]))
    return { rows, predictions: applyCalibrators(chosen, calibrators) }
  })
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
    const place = numbersOf(withConfirmed(table, target.anchor), 'moved')
    const evidence = {
      p: known.map(({ p }) => p),
      outcomes: at(target.values),
      sessions: at(sessions),
      by: [[at(place), PARTS.place] as const, [at(numbersOf(table, 'atr')), PARTS.range] as const],
    }
    const trees = treesOf(target.name)
    const one = headUncertainty(evidence, trees ?? 0)
    if (one !== null) found.set(target.name, trees === null ? { ...one, trees: one.groups } : one)
  }
  return found
}

/** What the trees of a fold's head vary by: told on its validation rows by those of its last inner fold, which saw a part of its sessions. */
export function foldTreeVariance(
  table: Table,
  own: TrainedFold,
  inner: TrainedFold | undefined,
): (head: string) => number | null {
  if (inner === undefined) return () => null
  const rows = rowsOf(own.validation)
  const there = takeTable(table, rows)
  const part = inner.fold.train.length / own.fold.train.length
  return (head) => {
    const before = inner.models.find(({ target }) => target.name === head)
    const values = own.predictions.get(head)
    if (before === undefined || values === undefined || !(part < 1)) return null
    const { matrix } = encodeAtAnchor(before.encoder, there, before.target.anchor)
    return treeVariance([...takeValues(values, rows)], [...predict(before.model, matrix)], part)
  }
}
