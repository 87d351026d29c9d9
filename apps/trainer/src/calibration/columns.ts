import { retrievalHeads, type ServeOptions, serveTable, withOutcomes } from '@breakwater/models'
import type { NeighbourAnswers } from '@breakwater/models/node'
import { type ForecastColumn, RETRIEVAL } from './column.ts'

/** The columns of every set, in order; the first is what the others are compared with. */
export function forecastColumns(answers: NeighbourAnswers, k: number, serving: ServeOptions = {}): ForecastColumn[] {
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
    {
      id: 'served',
      title: 'Served mix',
      note:
        'Calibrated direction mixed with the neighbours, after the feasibility gate; break and bounce with calibrated ' +
        'tradeable. Every other head is served as the calibrated trees say.',
      heads: (part) => serveTable(part, (anchor) => answers(part, anchor), serving),
    },
  ]
}

/** The neighbours alone: what became of the most similar past touches, as a forecast of every head. */
export function retrievalColumn(answers: NeighbourAnswers, k: number): ForecastColumn {
  return {
    id: RETRIEVAL,
    title: 'Neighbours',
    note: `The ${k} most similar touches of the fold's training dates alone, without trees and without calibration.`,
    heads: (part) => retrievalHeads(part.predictions.heads.keys(), (anchor) => answers(part, anchor)),
  }
}
