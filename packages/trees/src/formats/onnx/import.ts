import type { OnnxAttribute, OnnxModel } from '@breakwater/formats'
import type { Objective, TreeModel } from '../../model/model.ts'
import { emptyNodes } from '../assemble.ts'
import { collapseNodes } from './nodes.ts'
import type { EnsembleNodes, NodeMode } from './nodes.ts'

/** What a model has beside its graph. */
export interface GraphHeader {
  readonly objective: Objective
  readonly columns: readonly string[]
  /** Number of trees; 0 where the graph holds the lone leaf that stands for none. */
  readonly trees: number
  readonly gain: Float32Array
}

/** The model that `modelGraph` wrote, to the same bits. Throws where the graph is not of that shape. */
export function modelFromGraph({ graph }: OnnxModel, header: GraphHeader): TreeModel {
  const ensemble = graph.nodes.find(({ opType }) => opType === 'TreeEnsembleRegressor')
  if (ensemble === undefined) throw new Error('trees: bundle: the file holds no TreeEnsembleRegressor. Is it a bundle?')
  const attributes = new Map(ensemble.attributes.map((attribute) => [attribute.name, attribute]))
  const baseScore = doublesOf(attributes, 'base_values_as_tensor')[0]
  if (baseScore === undefined) throw new Error('trees: bundle: base_values_as_tensor is empty. Train again.')
  const shared = { objective: header.objective, columns: header.columns, baseScore }
  return header.trees === 0 ? { ...shared, ...noNodes() } : { ...shared, ...nodesOf(attributes, header) }
}

type Nodes = Omit<TreeModel, 'objective' | 'columns' | 'baseScore'>
type Attributes = ReadonlyMap<string, OnnxAttribute>

function noNodes(): Nodes {
  return { ...emptyNodes(0, 0), categoryBits: new Uint32Array() }
}

function nodesOf(attributes: Attributes, { columns, trees, gain }: GraphHeader): Nodes {
  const tree = integersOf(attributes, 'nodes_treeids')
  const starts = treeStarts(tree, integersOf(attributes, 'nodes_nodeids'), trees)
  const ensemble = ensembleOf(attributes, tree, starts)
  checkNodes(ensemble, columns.length)
  const nodes = collapseNodes(ensemble, starts)
  if (gain.length === nodes.feature.length) return { ...nodes, gain }
  throw new Error('trees: bundle: the node attributes differ in length. The file is damaged: train again.')
}

function ensembleOf(attributes: Attributes, tree: Int32Array, starts: Int32Array): EnsembleNodes {
  return {
    tree,
    id: integersOf(attributes, 'nodes_nodeids'),
    mode: modesOf(attributes),
    feature: integersOf(attributes, 'nodes_featureids'),
    value: doublesOf(attributes, 'nodes_values_as_tensor'),
    trueId: integersOf(attributes, 'nodes_truenodeids'),
    falseId: integersOf(attributes, 'nodes_falsenodeids'),
    missingTrue: integersOf(attributes, 'nodes_missing_value_tracks_true'),
    cover: doublesOf(attributes, 'nodes_hitrates_as_tensor'),
    weight: leafWeights(attributes, starts),
  }
}

function modesOf(attributes: Attributes): readonly NodeMode[] {
  const modes = stringsOf(attributes, 'nodes_modes')
  if (areModes(modes)) return modes
  const wrong = modes.findIndex((mode) => !areModes([mode]))
  throw new Error(`trees: bundle: node ${wrong} is not one that training writes. The file is damaged: train again.`)
}

function areModes(texts: readonly string[]): texts is readonly NodeMode[] {
  return texts.every((text) => text === 'LEAF' || text === 'BRANCH_LT' || text === 'BRANCH_EQ')
}

/** Throws where a node splits on a column that does not exist, or attributes differ in length. */
function checkNodes(nodes: EnsembleNodes, columns: number): void {
  const count = nodes.tree.length
  if (Object.values(nodes).some((list: ArrayLike<unknown>) => list.length !== count)) {
    throw new Error('trees: bundle: the node attributes differ in length. The file is damaged: train again.')
  }
  for (let i = 0; i < count; i++) {
    const feature = nodes.feature[i] as number
    if (nodes.mode[i] === 'LEAF' || (feature >= 0 && feature < columns)) continue
    throw new Error(`trees: bundle: node ${i} splits on column ${feature}, which does not exist. Train again.`)
  }
}

/** Where each tree begins, and the end; throws unless there are `trees`, in order, each with nodes numbered from 0 up. */
function treeStarts(tree: Int32Array, id: Int32Array, trees: number): Int32Array {
  const starts: number[] = []
  let start = 0
  for (let i = 0; i < tree.length; i++) {
    if (tree[i] === starts.length) {
      starts.push(i)
      start = i
    }
    if (tree[i] !== starts.length - 1 || id[i] !== i - start) {
      throw new Error('trees: bundle: nodes_treeids or nodes_nodeids is out of order. Train again.')
    }
  }
  if (starts.length === trees) return Int32Array.of(...starts, tree.length)
  throw new Error(`trees: bundle: holds ${starts.length} trees, not ${trees}. Train again.`)
}

function leafWeights(attributes: Attributes, starts: Int32Array): Float64Array {
  const count = starts.at(-1) as number
  const weights = new Float64Array(count)
  const trees = integersOf(attributes, 'target_treeids')
  const ids = integersOf(attributes, 'target_nodeids')
  const values = doublesOf(attributes, 'target_weights_as_tensor')
  for (let k = 0; k < values.length; k++) {
    const at = (starts[trees[k] as number] ?? Number.NaN) + (ids[k] as number)
    if (!(at >= 0 && at < count)) throw new Error(`trees: bundle: weight ${k} belongs to no leaf. Train again.`)
    weights[at] = values[k] as number
  }
  return weights
}

function integersOf(attributes: Attributes, name: string): Int32Array {
  const found = attributes.get(name)
  // Anything else than 32-bit integers is not of our making.
  if (found?.type === 'ints' && found.values instanceof Int32Array) return found.values
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
