import type { OnnxAttribute, OnnxModel } from '@breakwater/onnx'
import type { Objective, TreeModel } from '../model.ts'

/** What a graph alone does not say about a model. */
export interface ModelFacts {
  readonly objective: Objective
  readonly columns: readonly string[]
  /** Number of trees; 0 where the graph holds the lone leaf that stands for none. */
  readonly trees: number
  readonly gain: Float32Array
}

/** The model that `modelGraph` wrote, to the same bits. Throws where the graph is not of that shape. */
export function modelFromGraph({ graph }: OnnxModel, facts: ModelFacts): TreeModel {
  const ensemble = graph.nodes.find(({ opType }) => opType === 'TreeEnsembleRegressor')
  if (ensemble === undefined) throw new Error('trees: bundle: the file holds no TreeEnsembleRegressor. Is it a bundle?')
  const attributes = new Map(ensemble.attributes.map((attribute) => [attribute.name, attribute]))
  const baseScore = doublesOf(attributes, 'base_values_as_tensor')[0]
  if (baseScore === undefined) throw new Error('trees: bundle: base_values_as_tensor is empty. Train again.')
  const shared = { objective: facts.objective, columns: facts.columns, baseScore }
  return facts.trees === 0 ? { ...shared, ...noNodes() } : { ...shared, ...nodesOf(attributes, facts) }
}

type Nodes = Omit<TreeModel, 'objective' | 'columns' | 'baseScore'>
type Attributes = ReadonlyMap<string, OnnxAttribute>

function noNodes(): Nodes {
  return {
    treeStart: new Int32Array(1),
    feature: new Int32Array(),
    threshold: new Float32Array(),
    left: new Int32Array(),
    missingLeft: new Uint8Array(),
    categorySet: new Int32Array(),
    categoryBits: new Uint32Array(),
    value: new Float32Array(),
    gain: new Float32Array(),
    cover: new Float32Array(),
  }
}

function nodesOf(attributes: Attributes, { columns, trees, gain }: ModelFacts): Nodes {
  const tree = integersOf(attributes, 'nodes_treeids')
  const modes = stringsOf(attributes, 'nodes_modes')
  const treeStart = startsOf(tree, trees)
  const branch = (i: number): boolean => modes[i] === 'BRANCH_LT'
  const startOf = (i: number): number => treeStart[tree[i] as number] as number
  const trueIds = integersOf(attributes, 'nodes_truenodeids')
  const nodes = {
    treeStart,
    feature: integersOf(attributes, 'nodes_featureids').map((feature, i) => (branch(i) ? feature : -1)),
    threshold: Float32Array.from(doublesOf(attributes, 'nodes_values_as_tensor')),
    left: trueIds.map((id, i) => (branch(i) ? startOf(i) + id : 0)),
    missingLeft: Uint8Array.from(integersOf(attributes, 'nodes_missing_value_tracks_true')),
    categorySet: new Int32Array(tree.length).fill(-1),
    categoryBits: new Uint32Array(),
    value: leafValues(attributes, treeStart, tree.length),
    gain,
    cover: Float32Array.from(doublesOf(attributes, 'nodes_hitrates_as_tensor')),
  }
  checkNodes(nodes, columns.length)
  checkModes(modes, nodes, integersOf(attributes, 'nodes_falsenodeids'), trueIds)
  return nodes
}

/** Throws where a node asks for a column or a child that does not exist: prediction could then run for ever. */
function checkNodes(nodes: Nodes, columns: number): void {
  const count = nodes.feature.length
  const lengths = [nodes.threshold, nodes.left, nodes.missingLeft, nodes.value, nodes.gain, nodes.cover]
  if (lengths.some(({ length }) => length !== count)) {
    throw new Error('trees: bundle: the node attributes differ in length. The file is damaged: train again.')
  }
  for (let i = 0; i < count; i++) {
    const feature = nodes.feature[i] as number
    const left = nodes.left[i] as number
    if (feature >= columns || (feature >= 0 && (left <= i || left + 1 >= count))) {
      throw new Error(`trees: bundle: node ${i} leads nowhere. The file is damaged: train again.`)
    }
  }
}

/** Throws where a branch asks another question than "x < threshold" or its children do not lie side by side. */
function checkModes(modes: readonly string[], { feature }: Nodes, falseIds: Int32Array, trueIds: Int32Array): void {
  for (const [i, mode] of modes.entries()) {
    const sound = mode === 'LEAF' || (mode === 'BRANCH_LT' && (feature[i] as number) >= 0)
    if (!sound || (mode === 'BRANCH_LT' && falseIds[i] !== (trueIds[i] as number) + 1)) {
      throw new Error(`trees: bundle: node ${i} is not one that training writes. The file is damaged: train again.`)
    }
  }
}

function startsOf(tree: Int32Array, trees: number): Int32Array {
  const starts = new Int32Array(trees + 1)
  let t = 0
  for (let i = 0; i < tree.length; i++) {
    if (tree[i] === t) continue
    t++
    if (tree[i] !== t || t >= trees) throw new Error('trees: bundle: nodes_treeids is out of order. Train again.')
    starts[t] = i
  }
  starts[trees] = tree.length
  if (t !== trees - 1) throw new Error(`trees: bundle: holds ${t + 1} trees, not ${trees}. Train again.`)
  return starts
}

function leafValues(attributes: Attributes, treeStart: Int32Array, count: number): Float32Array {
  const values = new Float32Array(count)
  const trees = integersOf(attributes, 'target_treeids')
  const ids = integersOf(attributes, 'target_nodeids')
  for (const [k, weight] of doublesOf(attributes, 'target_weights_as_tensor').entries()) {
    values[(treeStart[trees[k] as number] as number) + (ids[k] as number)] = weight
  }
  return values
}

function integersOf(attributes: Attributes, name: string): Int32Array {
  const found = attributes.get(name)
  if (found?.type === 'ints') return Int32Array.from(found.values)
  throw missing(name)
}

function stringsOf(attributes: Attributes, name: string): readonly string[] {
  const found = attributes.get(name)
  if (found?.type === 'strings') return found.values
  throw missing(name)
}

function doublesOf(attributes: Attributes, name: string): Float64Array {
  const found = attributes.get(name)
  if (found?.type === 'tensor' && found.value.type === 'double') return found.value.values
  throw missing(name)
}

const missing = (name: string): Error =>
  new Error(`trees: bundle: attribute ${name} is missing or of another type. The file is damaged: train again.`)
