import type { Ablation, Stage } from '@breakwater/features'
import { stringsOf } from '@breakwater/features'
import { trainHeads } from '@breakwater/trees'
import { plannedSet, type TreeOptions } from '../fit/fit-set.ts'
import { trainFold } from '../fit/fold.ts'
import type { HeadTrainer } from '../fit/head-trainer.ts'
import { splitRows } from '../fit/plan.ts'
import { rowsOf } from '../rows.ts'
import type { Signals } from '../signals.ts'
import type { SweepConfig } from './config.ts'
import { type SweepQuestion, sweptTarget, trialPlan } from './question.ts'

/** One trial of a sweep: its signals, its options, and the question that all trials answer. */
export interface TrialRequest {
  readonly signals: Signals
  readonly stage: Stage
  readonly ablation: Ablation
  readonly trees: TreeOptions
  readonly config: Pick<SweepConfig, 'metric' | 'anchors' | 'horizons'>
  readonly question: SweepQuestion
  /** Default `trainHeads`, on this thread. */
  readonly train?: HeadTrainer
  readonly signal?: AbortSignal
  /** Called with the share of the work that is done, in [0, 1]. */
  readonly onProgress?: (done: number, fold: number) => void
}

/**
 * Trains the swept head on every inner fold of the question and returns its forecasts of the scored rows, one for each of
 * `question.events`. Sessions of the outer block are not read. Throws where a fold does not train: it would be scored on
 * fewer rows than the other trials.
 */
export async function runTrial(request: TrialRequest): Promise<Float64Array> {
  const { signals, stage, ablation, trees, question, train = trainHeads, signal, onProgress } = request
  const target = sweptTarget(signals, request.config)
  const { groups } = plannedSet(signals.schema, stage, ablation, [target])
  const rows = splitRows(signals.table, target.anchorSeconds + signals.lookforwardSeconds)
  const { folds } = trialPlan(question, rows)
  const ids = stringsOf(signals.table, 'event_id')
  const byEvent = new Map<string, number>()
  for (const [done, fold] of folds.entries()) {
    const { outcomes, predictions, test } = await trainFold({
      signals: { ...signals, bars: undefined },
      rows,
      fold,
      groups,
      train,
      options: { ...trees, ...(signal === undefined ? {} : { signal }) },
      onHead: (_head, _name, round, rounds) => onProgress?.((done + round / rounds) / folds.length, done),
    })
    const [outcome] = outcomes
    if (outcome?.status !== 'trained') {
      throw new Error(
        `models: ${target.name} was not trained in inner fold ${done + 1} of ${folds.length}: ${outcome?.reason ?? 'no head'}. Ask for fewer folds.`,
      )
    }
    const values = predictions.get(target.name) as Float64Array
    for (const row of rowsOf(test)) byEvent.set(ids[row] as string, values[row] as number)
  }
  return Float64Array.from(question.events, (id) => byEvent.get(id) ?? Number.NaN)
}
