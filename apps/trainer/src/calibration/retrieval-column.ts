import { type Anchor, type HeadQuestion, parseHeadName } from '@breakwater/features'
import type { ReachName, Summary } from '@breakwater/retrieval'
import type { ForecastColumn } from './column.ts'
import type { NeighbourAnswers } from './neighbours.ts'
import { outcomeName } from './outcome-heads.ts'

/** The neighbours alone: what became of the most similar past touches, as a forecast of every head. */
export function retrievalColumn(answers: NeighbourAnswers, k: number): ForecastColumn {
  return {
    id: 'retrieval',
    title: 'Neighbours',
    note: `The ${k} most similar touches of the fold's training dates alone, without trees and without calibration.`,
    noIntervals: 'neighbours have no interval of their own',
    heads: (part) => {
      const names = [...part.predictions.heads.keys()]
      const heads = new Map<string, Float64Array>()
      const add = (name: string, anchor: Anchor, said: (summary: Summary) => number | null): void => {
        const column = Float64Array.from(answers(part, anchor), (summary) =>
          summary === null ? Number.NaN : (said(summary) ?? Number.NaN),
        )
        if (column.some((value) => !Number.isNaN(value))) heads.set(name, column)
      }
      for (const name of names) {
        const parsed = parseHeadName(name)
        if (parsed !== null) add(name, parsed.anchor, (summary) => answerOf(summary, parsed.question))
      }
      for (const anchor of new Set(names.flatMap((name) => parseHeadName(name)?.anchor ?? []))) {
        add(outcomeName('p_break', anchor), anchor, ({ pBreak }) => pBreak)
        add(outcomeName('p_bounce', anchor), anchor, ({ pBounce }) => pBounce)
      }
      return heads
    },
  }
}

/** What a summary says to a head's question; null where its neighbours do not know. */
function answerOf(summary: Summary, question: HeadQuestion): number | null {
  switch (question.kind) {
    case 'tradeable_2':
      return summary.pTradeable2
    case 'direction':
      return summary.pBreakGivenTradeable
    case 'strength_signed':
      return summary.strengthSignedMean
    case 'reach':
    default: {
      const { threshold, side, horizon } = question
      const name: ReachName = side === 'either' ? `threshold${threshold}` : `${side}${threshold}`
      return summary.reach[name].probability[summary.horizons.indexOf(horizon)] ?? null
    }
  }
}
