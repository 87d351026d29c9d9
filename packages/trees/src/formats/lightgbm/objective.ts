import type { Objective } from '../../model/model.ts'
import type { Block } from './text.ts'
import { wordsOf } from './text.ts'

/** Objectives of LightGBM whose prediction is one of ours: all others are refused. */
const OBJECTIVES: ReadonlyMap<string, Objective> = new Map<string, Objective>([
  ['binary', 'logistic'],
  ['cross_entropy', 'logistic'],
  ['regression', 'squared'],
  ['regression_l1', 'absolute'],
  ['huber', 'huber'],
  ['quantile', 'quantile'],
  ['poisson', 'poisson'],
  ['custom', 'custom'],
])

/**
 * Our objective for the header's, and what leaves are multiplied by: LightGBM's probability is 1 / (1 + e^(-sigmoid s)), so
 * `sigmoid` goes into the scores. A model without an objective was trained with a loss of its own.
 */
export function objectiveOf(header: Block): { readonly objective: Objective; readonly scale: number } {
  const [name = 'custom', ...settings] = wordsOf(header, 'objective')
  const objective = OBJECTIVES.get(name)
  if (objective === undefined || settings.includes('sqrt')) {
    throw new Error(
      `trees: ${header.source}: objective=${[name, ...settings].join(' ')}: must be one of ${[...OBJECTIVES.keys()].join(', ')}, without sqrt. Train with one of these.`,
    )
  }
  const sigmoid = settings.find((setting) => setting.startsWith('sigmoid:'))
  const scale = sigmoid === undefined ? 1 : Number(sigmoid.slice('sigmoid:'.length))
  if (scale > 0) return { objective, scale }
  throw new Error(`trees: ${header.source}: objective: ${sigmoid}: must be above 0. Save the model again.`)
}
