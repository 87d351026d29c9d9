import { type HeadMetrics, headMetrics } from '@breakwater/models'
import type { Predictions, SequenceData } from '@breakwater/patchtst'

/** Scores of a model's answers on the samples that have a label, by head; the reach heads as one. */
export function scoreAnswers(data: SequenceData, answers: Predictions): Readonly<Record<string, HeadMetrics>> {
  const { direction, strength, reach } = answers
  return {
    ...(direction === undefined ? {} : { direction: binary(direction, data.yBreak) }),
    ...(strength === undefined ? {} : { strength: regression(strength, data.yStrength) }),
    ...(reach === undefined || data.reach === null ? {} : { reach: binary(reach, data.reach.values) }),
  }
}

function binary(p: Float32Array, labels: Int8Array): HeadMetrics {
  const mask = Uint8Array.from(labels, (label) => Number(label >= 0))
  return headMetrics('binary', Float64Array.from(p), Float32Array.from(labels), mask)
}

function regression(values: Float32Array, targets: Float32Array): HeadMetrics {
  const mask = Uint8Array.from(targets, (target) => Number(!Number.isNaN(target)))
  return headMetrics('regression', Float64Array.from(values), targets, mask)
}
