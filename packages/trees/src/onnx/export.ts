import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from '@breakwater/onnx'
import { elementTypeCode } from '@breakwater/onnx'
import type { TreeModel } from '../model.ts'
import { treeCount } from '../model.ts'

/** Operator sets of the files: 17 of the standard operators, 3 of ai.onnx.ml (the first with 64-bit tree attributes). */
export const OPSETS: readonly { readonly domain: string; readonly version: number }[] = [
  { domain: '', version: 17 },
  { domain: 'ai.onnx.ml', version: 3 },
]

/**
 * The model as a standard ONNX graph: input `features` (float, [N, columns]), outputs `raw` (float, [N, 1]) and
 * `prediction` (float, [N, 1]; the sigmoid of raw for a logistic model, raw itself otherwise). Leaves are summed in 64 bits
 * and the operator rounds the sum once to 32: within 1e-6 of max(1, |raw|) of our own predictor, where sums in 32 bits
 * are not.
 */
export function modelGraph(model: TreeModel): OnnxGraph {
  const toDouble: OnnxAttribute = { name: 'to', type: 'int', value: elementTypeCode('double') }
  return {
    name: 'boosted_trees',
    nodes: [
      node('Cast', 'features', 'wide', [toDouble]),
      node('TreeEnsembleRegressor', 'wide', 'raw', ensembleAttributes(model)),
      node(model.objective === 'logistic' ? 'Sigmoid' : 'Identity', 'raw', 'prediction'),
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
  const nodes = nodeArrays(model)
  const leaves = Int32Array.from(nodes.feature.keys()).filter((i) => (nodes.feature[i] as number) < 0)
  const pick = (values: Int32Array): Int32Array => leaves.map((i) => values[i] as number)
  return [
    integers('nodes_treeids', nodes.tree),
    integers('nodes_nodeids', nodes.id),
    integers(
      'nodes_featureids',
      nodes.feature.map((feature) => Math.max(0, feature)),
    ),
    doubles('nodes_values_as_tensor', nodes.threshold),
    doubles('nodes_hitrates_as_tensor', nodes.cover),
    { name: 'nodes_modes', type: 'strings', values: Array.from(nodes.feature, (f) => (f < 0 ? 'LEAF' : 'BRANCH_LT')) },
    integers('nodes_truenodeids', nodes.left),
    integers(
      'nodes_falsenodeids',
      nodes.left.map((left, i) => ((nodes.feature[i] as number) < 0 ? 0 : left + 1)),
    ),
    integers('nodes_missing_value_tracks_true', nodes.missingLeft),
    integers('target_treeids', pick(nodes.tree)),
    integers('target_nodeids', pick(nodes.id)),
    integers('target_ids', new Int32Array(leaves.length)),
    doubles(
      'target_weights_as_tensor',
      Float64Array.from(leaves, (i) => nodes.value[i] as number),
    ),
    doubles('base_values_as_tensor', Float64Array.of(model.baseScore)),
    { name: 'n_targets', type: 'int', value: 1 },
    { name: 'aggregate_function', type: 'string', value: 'SUM' },
    { name: 'post_transform', type: 'string', value: 'NONE' },
  ]
}

interface NodeArrays {
  readonly tree: Int32Array
  /** Number of each node within its tree. */
  readonly id: Int32Array
  readonly feature: Int32Array
  readonly threshold: Float64Array
  /** Number, within the tree, of the left child; 0 for a leaf. */
  readonly left: Int32Array
  readonly missingLeft: Int32Array
  readonly value: Float64Array
  readonly cover: Float64Array
}

function nodeArrays(model: TreeModel): NodeArrays {
  // An ensemble without nodes is not valid ONNX: a model without trees is one leaf that adds nothing.
  if (treeCount(model) === 0) return loneLeaf()
  const count = model.feature.length
  const tree = new Int32Array(count)
  const id = new Int32Array(count)
  const left = new Int32Array(count)
  for (let t = 0; t < treeCount(model); t++) {
    const start = model.treeStart[t] as number
    for (let i = start; i < (model.treeStart[t + 1] as number); i++) {
      tree[i] = t
      id[i] = i - start
      left[i] = (model.feature[i] as number) < 0 ? 0 : (model.left[i] as number) - start
    }
  }
  return {
    tree,
    id,
    left,
    feature: model.feature,
    threshold: Float64Array.from(model.threshold, (x, i) => ((model.feature[i] as number) < 0 ? 0 : x)),
    missingLeft: Int32Array.from(model.missingLeft),
    value: Float64Array.from(model.value),
    cover: Float64Array.from(model.cover),
  }
}

function loneLeaf(): NodeArrays {
  const zero = new Int32Array(1)
  const none = new Float64Array(1)
  return {
    tree: zero,
    id: zero,
    left: zero,
    missingLeft: zero,
    feature: Int32Array.of(-1),
    threshold: none,
    value: none,
    cover: none,
  }
}
