import { type Anchor, ANCHOR_SECONDS, type Matrix, numbersOf } from '@breakwater/features'
import { type LawSignals, momentsAt } from '../law/at-anchors.ts'
import { featuresAtMoments } from '../law/columns.ts'
import { preparePath } from '../law/forecast.ts'
import type { FoldLaw } from '../law/forecaster.ts'
import { takeTable } from '../rows.ts'

/** What the tilt of a law sees of touches at an anchor. */
export interface TiltInputs {
  /** Numbers of the moment, then features, in the order of the tilt's trees: one row a moment. */
  readonly matrix: Matrix
  /** The touch of each moment, a row of the signals. */
  readonly touchRows: Int32Array
}

/**
 * The inputs of a law's tilt at an anchor: those that `forecastAnchors` gives its trees. Touches whose anchor is not within their session
 * have none. Reads no label. Cost: that of `forecastAnchors`.
 */
export function tiltInputs(
  { path, features }: Pick<FoldLaw, 'path' | 'features'>,
  signals: LawSignals,
  anchor: Anchor,
): TiltInputs {
  const all = momentsAt(signals, [anchor], path.volatility.profile)
  const elapsed = numbersOf(all.table, 'elapsed_s')
  const chosen = Int32Array.from(all.touchRows.keys()).filter((row) => elapsed[row] === ANCHOR_SECONDS[anchor])
  const moments = {
    touchRows: chosen.map((row) => all.touchRows[row] as number),
    table: takeTable(all.table, chosen),
  }
  const encoded = features === null ? undefined : featuresAtMoments({ signals: signals.table, moments, features })
  let seen: Matrix | undefined
  preparePath(path, moments.table, encoded)((inputs) => (seen = inputs))
  if (seen === undefined) throw new Error('models: tiltInputs: the law was fitted without a tilt.')
  return { matrix: seen, touchRows: moments.touchRows }
}
