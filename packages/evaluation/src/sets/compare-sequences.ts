import { stringsOf } from '@breakwater/features'
import type { NeighbourAnswers, PredictedPart, TrainedSet } from '@breakwater/models/node'
import type { ForecastBlock } from '../blocks.ts'
import { compareModels } from '../compare-head.ts'
import type { Comparison } from '../documents/comparison.ts'
import { LEVEL, SAMPLES } from '../score.ts'
import { BASE, baseColumn, LAW, lawColumn, retrievalColumn, SERVED, servedColumn } from './columns.ts'
import { PATCHTST, patchTstColumn, type SequenceAnswers } from './patchtst-column.ts'
import { setBlocks } from './set-blocks.ts'

/** PatchTST's answers beside a trained set and its neighbours, on sessions that none of them saw. */
export interface SequenceComparison {
  readonly trained: Pick<TrainedSet, 'details'>
  readonly parts: readonly PredictedPart[]
  readonly sequences: SequenceAnswers
  readonly neighbours: { readonly answers: NeighbourAnswers; readonly k: number }
  /** Test sessions, in order. */
  readonly dates: readonly string[]
  /** Sessions that PatchTST learnt from. */
  readonly trainDates: readonly string[]
  readonly seed: number
}

/**
 * PatchTST, what the set serves, neighbours and the base rate on the events that all of them forecast; `heads` is empty where there are
 * none. Where it came from is for the caller to add.
 */
export function compareSequences(input: SequenceComparison): Omit<Comparison, 'provenance'> {
  const { trained, parts, sequences, neighbours, dates, trainDates, seed } = input
  const hasLaw = parts.some(({ predictions }) => predictions.law.size > 0)
  const columns = [
    patchTstColumn(sequences),
    servedColumn(),
    retrievalColumn(neighbours.answers, neighbours.k),
    ...(hasLaw ? [lawColumn()] : []),
    baseColumn(trained),
  ]
  const blocks = setBlocks(parts, columns)
  const options = {
    models: columns.length - Number(hasLaw),
    reference: BASE,
    baseline: SERVED,
    law: hasLaw ? LAW : undefined,
    seed,
  }
  // The set and the neighbours of the last fold learnt from these; those of other folds from fewer.
  const lastTrain = trained.details.plan.folds.at(-1)?.train ?? []
  return {
    format: 'breakwater-comparison',
    version: 3,
    anchor: sequences.anchor,
    dates,
    models: columns.map(({ id, title, note }) => {
      const learnt = (id === PATCHTST ? trainDates : lastTrain).toSorted()
      return { id, title, note, trainSessions: learnt.length, lastTrainDate: learnt.at(-1) ?? null }
    }),
    events: { sequences: sequences.data.samples, served: eventsOf(blocks) },
    method: { level: LEVEL, samples: SAMPLES, seed },
    heads: trained.details.heads.flatMap((head) => compareModels(blocks, head, options) ?? []),
  }
}

/** Predicted rows of the sessions that are kept. */
const eventsOf = (blocks: readonly ForecastBlock[]): number =>
  blocks.reduce((sum, { signals, rows, keep }) => {
    const dates = stringsOf(signals.table, 'date')
    return sum + rows.filter((row) => keep(dates[row] as string)).length
  }, 0)
