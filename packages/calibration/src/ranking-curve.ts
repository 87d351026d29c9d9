import { rankRows } from './auc.ts'
import { checkForecasts, type Values } from './check.ts'

/** What comes of taking every row whose forecast is at least `threshold`. */
export interface RankingPoint {
  readonly threshold: number
  /** Share of all rows that are taken, in (0, 1]. */
  readonly selected: number
  /** Share of the taken rows that are positive. */
  readonly precision: number
  /** Share of the positives that are taken: the true positive rate; null without positives. */
  readonly recall: number | null
  /** Share of the negatives that are taken; null without negatives. */
  readonly falsePositiveRate: number | null
  /** Precision over the base rate; null without positives. */
  readonly lift: number | null
}

/**
 * The points of ROC, precision-recall and lift curves, by falling threshold: at most `points` of them (default 100), each
 * where about as many rows are taken more. Rows of one forecast are taken together; the last point takes all. With every point
 * kept, the area below (falsePositiveRate, recall) from (0, 0) is `rocAuc`. Throws on bad or no rows. O(rows log rows).
 */
export function rankingCurve(predictions: Values, outcomes: Values, points = 100): RankingPoint[] {
  checkForecasts(predictions, outcomes)
  if (!Number.isSafeInteger(points) || points < 1)
    throw new RangeError(`calibration: points=${points}: must be a whole number of at least 1.`)
  const ranked = rankRows(predictions, outcomes)
  const rows = ranked.rows.length
  const positives = ranked.outcomes.reduce((sum, y) => sum + y, 0)
  const curve: RankingPoint[] = []
  let [taken, hits] = [0, 0]
  for (let place = rows - 1; place >= 0; place--) {
    taken += 1
    hits += ranked.outcomes[place] as number
    // Rows that are tied with those below are taken with them.
    if (place > 0 && ranked.endsTie[place - 1] === 0) continue
    if (taken < ((curve.length + 1) * rows) / points && place > 0) continue
    curve.push({
      threshold: predictions[ranked.rows[place] as number] as number,
      selected: taken / rows,
      precision: hits / taken,
      recall: positives === 0 ? null : hits / positives,
      falsePositiveRate: positives === rows ? null : (taken - hits) / (rows - positives),
      lift: positives === 0 ? null : (hits * rows) / (taken * positives),
    })
  }
  return curve
}
