import { type Calibrator, type HeadCalibrator, headCalibratorFromJson } from '@breakwater/calibration'
import { encoderFromJson, reachImplications } from '@breakwater/features'
import { type Bundle, linkOf, modelGraph, type TreeModel } from '@breakwater/trees'
import type { GraphBuilder } from './builder.ts'
import { calibratorNodes, coherenceNodes } from './calibrator-nodes.ts'
import type { RawColumns } from './raw-columns.ts'

/** What a graph gives of one head. */
export interface GraphHead {
  readonly name: string
  /** `p_` and the head's name for a probability; the name alone for dollars. */
  readonly output: string
  readonly task: 'binary' | 'regression'
  /** Half the width of the conformal interval around a regression; null where it has none, and where the law says the dollars. */
  readonly radius: number | null
}

/** A head with its values. */
export interface HeadNodes extends GraphHead {
  /** [N, 1] */
  readonly value: string
}

/** Heads as calibrated, in the order that reach heads imply. */
export function calibratedHeads(
  builder: GraphBuilder,
  { encoded }: RawColumns,
  own: readonly [string, Bundle][],
): HeadNodes[] {
  const heads = own.map(([name, { model, description }]): HeadNodes => {
    const matrix = encoded(encoderFromJson(description.encoder))
    const isBinary = linkOf(model.objective) === 'sigmoid'
    if (!isBinary && linkOf(model.objective) !== 'identity')
      throw new Error(`models: head ${name}: its link is neither a sigmoid nor the identity, and cannot be exported.`)
    const task = isBinary ? 'binary' : 'regression'
    const calibrator = headCalibratorFromJson(description.calibrator, name, task)
    const raw = treeNodes(builder, model, matrix)
    const value = isBinary ? calibratorNodes(builder, raw, mapOf(calibrator)) : raw
    const radius = calibrator?.kind === 'conformal' ? calibrator.radius : null
    return { name, output: isBinary ? `p_${name}` : name, task, value, radius }
  })
  const values = coherenceNodes(
    builder,
    heads.map(({ value }) => value),
    reachImplications(heads.map(({ name }) => name)),
  )
  return heads.map((head, h) => ({ ...head, value: values[h] as string }))
}

const mapOf = (calibrator: HeadCalibrator | null): Calibrator | null =>
  calibrator?.kind === 'conformal' ? null : calibrator

/** Raw scores as 64-bit floats: the operator sums leaves in 64 bits and rounds the sum once to 32. */
export function treeNodes(builder: GraphBuilder, model: TreeModel, matrix: string): string {
  const ensemble = modelGraph(model).nodes.find(({ opType }) => opType === 'TreeEnsembleRegressor')
  if (ensemble === undefined) throw new Error('models: the graph of trees has no TreeEnsembleRegressor')
  const { opType, domain, attributes } = ensemble
  return builder.cast(builder.call(opType, [matrix], { domain, attributes }), 'double')
}
