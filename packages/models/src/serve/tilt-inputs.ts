import type { Anchor, Matrix } from '@breakwater/features'
import { type LawSignals, momentsAt, momentsOf } from '../law/at-anchors.ts'
import { featuresAtMoments } from '../law/columns.ts'
import { inputsOf } from '../law/forecast.ts'
import type { FoldLaw } from '../law/forecaster.ts'

/** What the tilt of a law sees of touches at an anchor. */
export interface TiltInputs {
  /** Numbers of the moment, then features, in the order of the tilt's trees: one row a moment. */
  readonly matrix: Matrix
  /** The touch of each moment, a row of the signals. */
  readonly touchRows: Int32Array
}

/**
 * The inputs of a law's tilt at an anchor: those that `forecastAnchors` gives its trees. Touches whose anchor is not within their session
 * have none. Reads no label. Throws where the law has no tilt. Cost: that of building the moments.
 */
export function tiltInputs(
  { path, features }: Pick<FoldLaw, 'path' | 'features'>,
  signals: LawSignals,
  anchor: Anchor,
): TiltInputs {
  if (path.tilt === null) throw new Error('models: tiltInputs: the law was fitted without a tilt.')
  const moments = momentsOf(momentsAt(signals, [anchor], path.volatility.profile), anchor)
  const encoded = features === null ? undefined : featuresAtMoments({ signals: signals.table, moments, features })
  return { matrix: inputsOf(path, moments.table, encoded).inputs, touchRows: moments.touchRows }
}
