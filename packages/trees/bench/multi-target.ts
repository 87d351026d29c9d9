import { decodeModel, encodeModel } from '@breakwater/formats'
import type { OnnxAttribute, OnnxModel, OnnxNode } from '@breakwater/formats'

/**
 * The single-target models of several heads (ONNX files of one TreeEnsembleRegressor each) as one with a target a head:
 * how a caller would score all heads by one call of ONNX Runtime. Output `raw`, [N, heads].
 */
export function joinEnsembles(files: readonly Uint8Array[]): Uint8Array {
  const models = files.map((file) => decodeModel(file))
  const [first] = models
  if (first === undefined) throw new RangeError('bench: no model to join')
  const ensembles = models.map(ensembleOf)
  let trees = 0
  const shifted = ensembles.map(({ attributes }, head) => {
    const offset = trees
    trees += 1 + Math.max(...integersOf(attributes, 'nodes_treeids'))
    return attributes.map((attribute) => shift(attribute, head, offset))
  })
  const joined = (shifted[0] ?? []).map((attribute) => join(attribute, shifted, files.length))
  const nodes = first.graph.nodes
    .filter((node) => node.outputs[0] !== 'prediction')
    .map((node) => (node.opType === 'TreeEnsembleRegressor' ? { ...node, attributes: joined } : node))
  const outputs = first.graph.outputs
    .filter(({ name }) => name === 'raw')
    .map((output) => ({ ...output, shape: ['N', files.length] }))
  return encodeModel({ ...first, metadata: new Map(), graph: { ...first.graph, nodes, outputs } })
}

function ensembleOf(model: OnnxModel): OnnxNode {
  const found = model.graph.nodes.find(({ opType }) => opType === 'TreeEnsembleRegressor')
  if (found === undefined) throw new Error('bench: the model has no TreeEnsembleRegressor')
  return found
}

function integersOf(attributes: readonly OnnxAttribute[], name: string): number[] {
  const found = attributes.find((attribute) => attribute.name === name)
  return found?.type === 'ints' ? Array.from(found.values, Number) : []
}

/** Tree numbers after those of the heads before, the target of a head its place. */
function shift(attribute: OnnxAttribute, head: number, offset: number): OnnxAttribute {
  if (attribute.type !== 'ints') return attribute
  const by = new Map([
    ['nodes_treeids', offset],
    ['target_treeids', offset],
    ['target_ids', head],
  ]).get(attribute.name)
  return by === undefined ? attribute : { ...attribute, values: Int32Array.from(attribute.values, (x) => x + by) }
}

/** One attribute of all heads, one after another; the number of targets is that of the heads. */
function join(first: OnnxAttribute, heads: readonly (readonly OnnxAttribute[])[], targets: number): OnnxAttribute {
  const all = heads.flatMap((attributes) => attributes.filter(({ name }) => name === first.name))
  if (first.name === 'n_targets') return { name: first.name, type: 'int', value: targets }
  if (first.type === 'ints') {
    const values = Int32Array.from(all.flatMap((one) => (one.type === 'ints' ? Array.from(one.values, Number) : [])))
    return { ...first, values }
  }
  if (first.type === 'strings') {
    return { ...first, values: all.flatMap((one) => (one.type === 'strings' ? one.values : [])) }
  }
  if (first.type !== 'tensor') return first
  // Every tensor of an ensemble is of 64-bit floats (see the operator set's attributes ending in _as_tensor).
  const values = Float64Array.from(
    all.flatMap((one) => (one.type === 'tensor' ? Array.from(one.value.values, Number) : [])),
  )
  return { ...first, value: { name: first.value.name, type: 'double', dims: [values.length], values } }
}
