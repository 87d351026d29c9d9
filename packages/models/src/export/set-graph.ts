import { type Calibrator, type HeadCalibrator, headCalibratorFromJson } from '@breakwater/calibration'
import { type Anchor, type Encoder, encoderFromJson, type Encoding, reachImplications } from '@breakwater/features'
import type { OnnxModel } from '@breakwater/formats'
import { type Bundle, linkOf, modelGraph, OPSETS } from '@breakwater/trees'
import type { TrainingDetails } from '../set/details.ts'
import { createBuilder, type GraphBuilder } from './builder.ts'
import { calibratorNodes, coherenceNodes } from './calibrator-nodes.ts'
import { encoderNodes } from './encoder-nodes.ts'

/** What a graph is made of. */
export interface ExportedSet {
  readonly details: Pick<TrainingDetails, 'stage' | 'ablation' | 'data' | 'serving' | 'mix' | 'libraryVersion'>
  /** By head. */
  readonly bundles: ReadonlyMap<string, Bundle>
}

/** A graph with its raw columns and its heads. */
export interface SetGraph {
  readonly model: OnnxModel
  /** One input a column, in order: numbers as 64-bit floats, words as strings, each of shape [N]. */
  readonly inputs: readonly { readonly name: string; readonly kind: Encoding['kind'] }[]
  /** One output a head, in order, 64-bit floats of shape [N]. */
  readonly heads: readonly {
    readonly name: string
    /** `p_` and the head's name for a probability; the name alone for dollars. */
    readonly output: string
    readonly task: 'binary' | 'regression'
    /** Half the width of the conformal interval around a regression; null where it has none. */
    readonly radius: number | null
  }[]
}

/** What the graph lacks of what is served; a sentence each. */
export function notExported({ serving, mix }: Pick<TrainingDetails, 'serving' | 'mix'>): string[] {
  const choice = serving.at(-1)
  // Heads without a law are mixed by hand-set formulas unless the set says otherwise.
  const isMixed = mix === undefined ? choice === undefined : mix.kind !== 'none'
  return [...(choice === undefined ? [] : [`${NO_LAW}. ${INSTEAD[choice.kind]}`]), ...(isMixed ? [NO_MIX] : [])]
}

const NO_LAW =
  'Not exported: the law of first passage and its surface, which are computed from bars and from where price stands, not from columns of a row'
const INSTEAD = {
  law: "This set serves the law, so the graph's probabilities are those of its heads and not what is served",
  heads:
    'Where a head has no forecast or price is there already, the set serves the law; the graph has the heads alone',
} as const
const NO_MIX = 'Not exported: the mix by which neighbours and gate enter direction, break and bounce'

const IR_VERSION = 8

/**
 * One ONNX graph of all heads of an anchor, from raw columns to calibrated forecasts: the encoder, the trees (64-bit leaves), the link, the
 * calibrator of each head and the order among reach heads, as `calibrated` of a set's predictions. Within 1e-6 of those; where a
 * probability lies within 1e-7 of a step of a Venn-ABERS map it may fall on the other side. Operators of opset 17 and ai.onnx.ml 3.
 *
 * Columns that only the anchor has (`moved`, `moved_atr`) are inputs like any other. Throws where the set has no head at the anchor.
 */
export function setGraph({ details, bundles }: ExportedSet, anchor: Anchor): SetGraph {
  const own = [...bundles].filter(([, { description }]) => description.anchor === anchor)
  if (own.length === 0) {
    const there = [...new Set([...bundles.values()].map(({ description }) => description.anchor))]
    throw new Error(`models: anchor=${anchor}: the set has no head there. It has heads at ${there.join(', ')}.`)
  }
  const trained = own[0]?.[1].description.timestamp ?? ''
  const builder = createBuilder()
  const columns = new Map<string, Encoding['kind']>()
  const matrices = new Map<string, string>()
  const heads = own.map(([name, bundle]) => {
    const matrix = matrixOf(builder, bundle, { columns, matrices })
    const isBinary = linkOf(bundle.model.objective) === 'sigmoid'
    if (!isBinary && linkOf(bundle.model.objective) !== 'identity')
      throw new Error(`models: head ${name}: its link is neither a sigmoid nor the identity, and cannot be exported.`)
    const task = isBinary ? ('binary' as const) : ('regression' as const)
    const calibrator = headCalibratorFromJson(bundle.description.calibrator, name, task)
    const raw = treeNodes(builder, bundle, matrix)
    const value = isBinary ? calibratorNodes(builder, raw, mapOf(calibrator)) : raw
    const radius = calibrator?.kind === 'conformal' ? calibrator.radius : null
    return { name, output: isBinary ? `p_${name}` : name, task, value, radius }
  })
  const coherent = coherenceNodes(
    builder,
    heads.map(({ value }) => value),
    reachImplications(heads.map(({ name }) => name)),
  )
  const axis = builder.integers([1], [1])
  for (const [i, { output }] of heads.entries()) builder.call('Squeeze', [coherent[i] as string, axis], { output })
  const inputs = [...columns].map(([name, kind]) => ({ name, kind }))
  return {
    inputs,
    heads: heads.map(({ name, output, task, radius }) => ({ name, output, task, radius })),
    model: {
      irVersion: IR_VERSION,
      producerName: 'breakwater',
      producerVersion: details.libraryVersion,
      opsets: OPSETS,
      metadata: new Map([['breakwater.export', JSON.stringify(aboutOf(details, anchor, { heads, trained }))]]),
      graph: {
        name: `${details.stage}_${details.ablation}_${anchor}`,
        nodes: builder.nodes,
        initializers: builder.initializers,
        inputs: inputs.map(({ name, kind }) => ({
          name,
          elementType: kind === 'number' ? 'double' : 'string',
          shape: ['N'],
        })),
        outputs: heads.map(({ output }) => ({ name: output, elementType: 'double', shape: ['N'] })),
      },
    },
  }
}

const mapOf = (calibrator: HeadCalibrator | null): Calibrator | null =>
  calibrator?.kind === 'conformal' ? null : calibrator

function aboutOf(
  { stage, ablation, data, serving, mix }: ExportedSet['details'],
  anchor: Anchor,
  { heads, trained }: { readonly heads: SetGraph['heads']; readonly trained: string },
): object {
  return {
    format: 'breakwater-export',
    version: 1,
    stage,
    ablation,
    anchor,
    trained,
    thresholds: data.thresholds,
    dataHash: data.hash,
    serves: serving.at(-1)?.kind ?? 'heads',
    notExported: notExported({ serving, mix }),
    heads: heads.map(({ name, output, task, radius }) => ({ name, output, task, radius })),
  }
}

interface Shared {
  readonly columns: Map<string, Encoding['kind']>
  /** Encoded matrices by encoder: heads of a group share one. */
  readonly matrices: Map<string, string>
}

function matrixOf(builder: GraphBuilder, { description }: Bundle, { columns, matrices }: Shared): string {
  const key = JSON.stringify(description.encoder)
  const known = matrices.get(key)
  if (known !== undefined) return known
  const encoder: Encoder = encoderFromJson(description.encoder)
  for (const { name, kind } of encoder.encodings) columns.set(name, kind)
  const matrix = encoderNodes(builder, encoder)
  matrices.set(key, matrix)
  return matrix
}

/** Raw scores as 64-bit floats: the operator sums leaves in 64 bits and rounds the sum once to 32. */
function treeNodes(builder: GraphBuilder, { model }: Bundle, matrix: string): string {
  const ensemble = modelGraph(model).nodes.find(({ opType }) => opType === 'TreeEnsembleRegressor')
  if (ensemble === undefined) throw new Error('models: the graph of trees has no TreeEnsembleRegressor')
  const { opType, domain, attributes } = ensemble
  return builder.cast(builder.call(opType, [matrix], { domain, attributes }), 'double')
}
