import {
  headName,
  type HeadQuestion,
  momentTargets,
  PRIMARY_ANCHOR,
  type Table,
  type Thresholds,
  WINDOW_HEADS,
} from '@breakwater/features'
import { type Question, surfaceQuestions, type SurfaceSpec } from '@breakwater/passage'

/** What a surface answers about a level with two thresholds, as the heads ask it. */
export interface HeadSpec extends SurfaceSpec {
  readonly thresholds: Thresholds
}

const [TRADEABLE, DIRECTION] = WINDOW_HEADS

/** Heads that ask the probabilities of a surface, in its order, by their names at the primary anchor. */
export function probabilityHeads(spec: HeadSpec): string[] {
  return surfaceQuestions(spec).flatMap((question) => {
    const head = headOf(question, spec)
    return head === null ? [] : [headName(head, PRIMARY_ANCHOR)]
  })
}

function headOf(question: Question, { thresholds }: HeadSpec): HeadQuestion | null {
  if (question.kind === 'tradeable') return { kind: TRADEABLE }
  if (question.kind === 'direction') return { kind: DIRECTION }
  if (question.kind !== 'reach') return null
  const { side, horizon } = question
  return { kind: 'reach', threshold: question.threshold === thresholds[0] ? 1 : 2, side, horizon }
}

/** Outcomes of {@link probabilityHeads} at moments, `[row * heads + head]`: 1, 0, or -1 where the question cannot be asked. */
export function headOutcomes(moments: Table, spec: HeadSpec): Int8Array {
  const { thresholds, horizons, window: windowSeconds } = spec
  const targets = new Map(
    momentTargets(moments, { thresholds, horizons, windowSeconds }).map((target) => [target.name, target]),
  )
  const names = probabilityHeads(spec)
  const labels = new Int8Array(moments.rows * names.length).fill(-1)
  for (const [h, name] of names.entries()) {
    const target = targets.get(name)
    if (target === undefined) throw new Error(`models: moments have no target ${name}. Report this.`)
    for (let row = 0; row < moments.rows; row++) {
      if (target.mask[row] !== 0) labels[row * names.length + h] = target.values[row] as number
    }
  }
  return labels
}
