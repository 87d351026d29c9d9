import type { Anchor, HeadTarget, Reach } from '@breakwater/features'
import { deriveHeads, headName, REACH_SIDES, reachKey } from '@breakwater/features'
import type { ReachLabels } from '@breakwater/patchtst'
import type { Signals } from '../signals.ts'

/** Labels of some touches, as the trees' heads see them: a row without a valid target for a head is unknown. */
export interface TouchLabels {
  readonly yBreak: Int8Array
  readonly yStrength: Float32Array
  readonly reach: ReachLabels
}

/** The curves of reach: a threshold and a side each, named as heads are. */
const CURVES: readonly Reach[] = ([1, 2] as const).flatMap((threshold) =>
  REACH_SIDES.map((side) => ({ threshold, side })),
)

/** The labels of every row at one anchor. */
export function touchLabels(signals: Signals, anchor: Anchor, horizons: readonly number[]): TouchLabels {
  const { table, thresholds, lookforwardSeconds: windowSeconds } = signals
  const targets = new Map(
    deriveHeads(table, { anchors: [anchor], horizons, thresholds, windowSeconds }).map((target) => [
      target.name,
      target,
    ]),
  )
  const target = (name: string): HeadTarget => {
    const found = targets.get(name)
    if (found === undefined) throw new Error(`models: head ${name} has no targets`)
    return found
  }
  return {
    yBreak: classes(target(headName({ kind: 'direction' }, anchor)).values),
    yStrength: target(headName({ kind: 'strength_signed' }, anchor)).values,
    reach: {
      curves: CURVES.map(reachKey),
      horizons,
      values: interleaved(
        CURVES.flatMap(({ threshold, side }) =>
          horizons.map((horizon) =>
            classes(target(headName({ kind: 'reach', threshold, side, horizon }, anchor)).values),
          ),
        ),
        table.rows,
      ),
    },
  }
}

/** 1 and 0 as they are, -1 for a masked row. */
const classes = (values: Float32Array): Int8Array =>
  Int8Array.from(values, (value) => (Number.isNaN(value) ? -1 : value))

function interleaved(columns: readonly Int8Array[], rows: number): Int8Array {
  const out = new Int8Array(columns.length * rows)
  for (const [c, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) out[row * columns.length + c] = column[row] as number
  }
  return out
}

/** The labels of the chosen rows. */
export function takeLabels({ yBreak, yStrength, reach }: TouchLabels, rows: Int32Array): TouchLabels {
  const size = reach.curves.length * reach.horizons.length
  const values = new Int8Array(rows.length * size)
  for (const [i, row] of rows.entries()) values.set(reach.values.subarray(row * size, (row + 1) * size), i * size)
  return {
    yBreak: Int8Array.from(rows, (row) => yBreak[row] as number),
    yStrength: Float32Array.from(rows, (row) => yStrength[row] as number),
    reach: { ...reach, values },
  }
}
