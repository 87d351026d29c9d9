import { type Anchor, headName, parseReachKey } from '@breakwater/features'
import type { Predictions, SequenceData } from '@breakwater/patchtst'
import type { ForecastColumn } from './columns.ts'

/** Id of PatchTST's column. */
export const PATCHTST = 'patchtst'

/** Answers of PatchTST for the sequences of the test sessions. */
export interface SequenceAnswers {
  readonly data: SequenceData
  readonly answers: Predictions
  readonly anchor: Anchor
}

/** PatchTST, found by event; NaN for an event without a sequence. Throws where an event stands at another time. */
export function patchTstColumn({ data, answers, anchor }: SequenceAnswers): ForecastColumn {
  const sampleOf = new Map(data.eventIds.map((id, sample) => [id, sample]))
  const heads = answerOfHead(data, answers, anchor)
  return {
    id: PATCHTST,
    title: 'PatchTST',
    note: 'The sequence model, from the bars before each touch and the features known at the touch; its probabilities are raw.',
    heads: ({ predictions }) => {
      const samples = Int32Array.from(predictions.eventIds, (id, i) => {
        const sample = sampleOf.get(id) ?? -1
        if (sample !== -1 && data.tsNs[sample] !== predictions.tsNs[i]) {
          throw new Error(
            `evaluation: event ${id}: has another time in ${data.source} than in the signals. Write the sequences again from these signals.`,
          )
        }
        return sample
      })
      return new Map(
        [...heads].map(([name, answer]) => [
          name,
          Float64Array.from(samples, (sample) => (sample === -1 ? Number.NaN : answer(sample))),
        ]),
      )
    },
  }
}

/** The answers to each head's question, by its name. */
function answerOfHead(
  { reach }: SequenceData,
  answers: Predictions,
  anchor: Anchor,
): ReadonlyMap<string, (sample: number) => number> {
  const heads = new Map<string, (sample: number) => number>()
  const { direction, strength, reach: chances } = answers
  if (direction !== undefined) heads.set(headName({ kind: 'direction' }, anchor), (i) => direction[i] as number)
  if (strength !== undefined) heads.set(headName({ kind: 'strength_signed' }, anchor), (i) => strength[i] as number)
  if (chances === undefined || reach === null) return heads
  const { curves, horizons } = reach
  for (const [c, curve] of curves.entries()) {
    const asked = parseReachKey(curve)
    if (asked === null) continue
    for (const [h, horizon] of horizons.entries()) {
      const at = c * horizons.length + h
      const name = headName({ kind: 'reach', ...asked, horizon }, anchor)
      heads.set(name, (i) => chances[i * curves.length * horizons.length + at] as number)
    }
  }
  return heads
}
