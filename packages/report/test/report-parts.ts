import type { Evaluation, EvaluationSet, HeadEvaluation } from '@breakwater/evaluation'
import { sampleEvaluation } from './report-sample.ts'

/** The sample that the tests of the report read. */
export const evaluation: Evaluation = sampleEvaluation()

/** The sample with one set of these heads. */
export const withHeads = (heads: readonly HeadEvaluation[]): Evaluation => {
  const [set] = evaluation.sets
  if (set === undefined) throw new Error('the sample has sets')
  return { ...evaluation, sets: [{ ...set, heads }] }
}

/** Its second set. */
export const stageB = (): EvaluationSet => {
  const set = evaluation.sets[1]
  if (set === undefined) throw new Error('the sample has two sets')
  return set
}

/** A head of that set. */
export const headNamed = (name: string): HeadEvaluation => {
  const head = stageB().heads.find((candidate) => candidate.name === name)
  if (head === undefined) throw new Error(`the sample has ${name}`)
  return head
}
