import type { ForecastColumn } from './column.ts'
import type { NeighbourAnswers } from './neighbours.ts'
import { withOutcomes } from './outcome-heads.ts'
import { retrievalColumn } from './retrieval-column.ts'
import { servedColumn } from './served-column.ts'

/** The columns of every set, in order; the first is what the others are compared with. */
export function forecastColumns(answers: NeighbourAnswers, k: number): ForecastColumn[] {
  return [
    {
      id: 'raw',
      title: 'Raw trees',
      note: 'The trees alone.',
      heads: ({ predictions }) => withOutcomes(predictions.heads),
    },
    {
      id: 'calibrated',
      title: 'Calibrated trees',
      note: 'The trees through the calibrators of their bundles, reach heads made coherent.',
      heads: ({ predictions }) => withOutcomes(predictions.calibrated),
    },
    retrievalColumn(answers, k),
    servedColumn(answers),
  ]
}
