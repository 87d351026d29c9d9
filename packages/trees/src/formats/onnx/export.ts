import { elementTypeCode } from '@breakwater/formats'
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '@breakwater/formats'
import { linkOf, treeCount } from '../../model/model.ts'
import type { Link, TreeModel } from '../../model/model.ts'
import { expandNodes, loneLeaf } from './nodes.ts'

/** Operator sets of the files: 17 of the standard operators, 3 of ai.onnx.ml (the first with 64-bit tree attributes). */
export const OPSETS: readonly { readonly domain: string; readonly version: number }[] = [
  { domain: '', version: 17 },
  { domain: 'ai.onnx.ml', version: 3 },
]

const LINK_OPERATORS: Readonly<Record<Link, string>> = { sigmoid: 'Sigmoid', exp: 'Exp', identity: 'Identity' }

/**
 * The model as a standard ONNX graph: input `features` (float, [N, columns]), outputs `raw` (float, [N, 1]) and
 * `prediction` (float, [N, 1]; raw through the objective's link). Leaves are summed in 64 bits and the operator rounds the
 * sum once to 32: within 1e-6 of max(1, |raw|) of our own predictor, where sums in 32 bits are not.
 */
export function modelGraph(model: TreeModel): OnnxGraph {
  const toDouble: OnnxAttribute = { name: 'to', type: 'int', value: elementTypeCode('double') }
  return {
    name: 'boosted_trees',
    nodes: [
      node('Cast', 'features', 'wide', [toDouble]),
      node('TreeEnsembleRegressor', 'wide', 'raw', ensembleAttributes(model)),
      node(LINK_OPERATORS[linkOf(model.objective)], 'raw', 'prediction'),
    ],
    initializers: [],
    inputs: [{ name: 'features', elementType: 'float', shape: ['N', model.columns.length] }],
    outputs: [
      { name: 'raw', elementType: 'float', shape: ['N', 1] },
      { name: 'prediction', elementType: 'float', shape: ['N', 1] },
    ],
  }
}

function node(opType: string, input: string, output: string, attributes: readonly OnnxAttribute[] = []): OnnxNode {
  const domain = opType === 'TreeEnsembleRegressor' ? 'ai.onnx.ml' : ''
  return { name: output, opType, domain, inputs: [input], outputs: [output], attributes }
}

const doubles = (name: string, values: Float64Array): OnnxAttribute => {
  const tensor: OnnxTensor = { name, type: 'double', dims: [values.length], values }
  return { name, type: 'tensor', value: tensor }
}

const integers = (name: string, values: Int32Array): OnnxAttribute => ({ name, type: 'ints', values })

function ensembleAttributes(model: TreeModel): OnnxAttribute[] {
  const nodes = treeCount(model) === 0 ? loneLeaf() : expandNodes(model)
  const leaves = Int32Array.from(nodes.mode.keys()).filter((i) => nodes.mode[i] === 'LEAF')
  const pick = (values: Int32Array): Int32Array => leaves.map((i) => values[i] as number)
  return [
    integers('nodes_treeids', nodes.tree),
    integers('nodes_nodeids', nodes.id),
    integers('nodes_featureids', nodes.feature),
    doubles('nodes_values_as_tensor', nodes.value),
    doubles('nodes_hitrates_as_tensor', nodes.cover),
    { name: 'nodes_modes', type: 'strings', values: nodes.mode },
    integers('nodes_truenodeids', nodes.trueId),
    integers('nodes_falsenodeids', nodes.falseId),
    integers('nodes_missing_value_tracks_true', nodes.missingTrue),
    integers('target_treeids', pick(nodes.tree)),
    integers('target_nodeids', pick(nodes.id)),
    integers('target_ids', new Int32Array(leaves.length)),
    doubles(
      'target_weights_as_tensor',
      Float64Array.from(leaves, (i) => nodes.weight[i] as number),
    ),
    doubles('base_values_as_tensor', Float64Array.of(model.baseScore)),
    { name: 'n_targets', type: 'int', value: 1 },
    { name: 'aggregate_function', type: 'string', value: 'SUM' },
    { name: 'post_transform', type: 'string', value: 'NONE' },
  ]
}
