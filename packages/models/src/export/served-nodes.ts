import { type Anchor, atAnchor, WINDOW_HEADS } from '@breakwater/features'
import type { ServingChoice } from '../fit/serving.ts'
import type { FoldLaw } from '../law/forecaster.ts'
import { type HeadSpec, probabilityHeads } from '../law/outcomes.ts'
import type { TrainingDetails } from '../set/details.ts'
import { type Arithmetic, arithmetic } from './arithmetic.ts'
import type { GraphBuilder } from './builder.ts'
import { projectedNodes } from './coherent-nodes.ts'
import type { HeadNodes } from './head-nodes.ts'
import { type LawNodes, lawNodes } from './law-nodes.ts'
import type { RawColumns } from './raw-columns.ts'

const [, , STRENGTH] = WINDOW_HEADS

/** What decides between heads and law at an anchor. */
export interface ServedSet {
  readonly details: Pick<TrainingDetails, 'heads' | 'serving'>
  readonly law: Pick<FoldLaw, 'path' | 'features'> | null
  readonly anchor: Anchor
}

/** What is served of heads, and of what the law answers beside them. */
export function servedHeads(
  builder: GraphBuilder,
  columns: RawColumns,
  { details, law, anchor }: ServedSet,
  calibrated: readonly HeadNodes[],
): HeadNodes[] {
  const kind = details.serving.at(-1)?.kind
  if (law === null || kind === undefined) return [...calibrated]
  const ops = arithmetic(builder)
  const { spec } = law.path
  const nodes = lawNodes(builder, ops, { law, anchor }, columns)
  const served = new Map(calibrated.map((head) => [head.name, head]))
  // The law answers for the heads that were asked for, whether or not they have trees.
  const asked = new Set(details.heads.map(({ name }) => name))
  const names = probabilityHeads(spec).map((name) => atAnchor(name, anchor))
  const answers = names.map((name, h) => ({
    own: served.get(name)?.value,
    law: asked.has(name) ? nodes.probabilities[h] : undefined,
  }))
  for (const [h, value] of servedProbabilities(ops, { kind, spec }, nodes, answers).entries()) {
    const name = names[h] as string
    if (value !== undefined) served.set(name, { name, output: `p_${name}`, task: 'binary', radius: null, value })
  }
  const strength = atAnchor(STRENGTH, anchor)
  if (asked.has(strength)) {
    const direction = nodes.probabilities.at(-1) as string
    const signed = ops.sub(ops.mul(direction, nodes.aheadBreak), ops.mul(ops.sub(1, direction), nodes.aheadBounce))
    const value = ops.where(nodes.isKnown, signed, served.get(strength)?.value ?? Number.NaN)
    served.set(strength, { name: strength, output: strength, task: 'regression', radius: null, value })
  }
  return [...served.values()]
}

/** What a head has been forecast as, [N, 1]: by its own trees as calibrated, and by the law. */
interface Answers {
  readonly own: string | undefined
  readonly law: string | undefined
}

/**
 * What is served of the probabilities of a surface, in its order, as `servedColumns` has it; undefined where neither heads nor law have an
 * answer.
 */
function servedProbabilities(
  ops: Arithmetic,
  { kind, spec }: { readonly kind: ServingChoice['kind']; readonly spec: HeadSpec },
  { isKnown, isCertain }: Pick<LawNodes, 'isKnown' | 'isCertain'>,
  answers: readonly Answers[],
): (string | undefined)[] {
  const { where } = ops
  const values = answers.flatMap(({ own, law }, h) => {
    if (own === undefined || law === undefined) return law ?? own ?? []
    return where(kind === 'law' ? isKnown : (isCertain[h] as string), law, own)
  })
  if (values.length < answers.length) return answers.map(({ own }) => own)
  const projected = projectedNodes(ops, spec, values)
  const isLawWhole = answers.every(({ law }) => law !== undefined)
  const areHeadsWhole = answers.every(({ own }) => own !== undefined)
  return answers.map(({ own, law }, h) => {
    const one = projected[h] as string
    const served = kind === 'law' && isLawWhole ? where(isKnown, law ?? one, one) : one
    return areHeadsWhole ? served : where(isKnown, served, own ?? Number.NaN)
  })
}
