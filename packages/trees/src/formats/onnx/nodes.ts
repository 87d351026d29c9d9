import { treeCount } from '../../model/model.ts'
import type { TreeModel } from '../../model/model.ts'
import { appendSet, categoriesOf, emptyNodes } from '../assemble.ts'

/** The three kinds of nodes that our files hold. */
export type NodeMode = 'LEAF' | 'BRANCH_LT' | 'BRANCH_EQ'

/** Nodes of an ensemble as ONNX lists them, one entry per node, tree after tree; `id` and children are numbers within the tree. */
export interface EnsembleNodes {
  readonly tree: Int32Array
  readonly id: Int32Array
  readonly mode: readonly NodeMode[]
  readonly feature: Int32Array
  readonly value: Float64Array
  readonly trueId: Int32Array
  readonly falseId: Int32Array
  readonly missingTrue: Int32Array
  readonly cover: Float64Array
  /** What a leaf adds; 0 for branches. */
  readonly weight: Float64Array
}

/**
 * Nodes of a model for ONNX. A question "is x in the set?" becomes a chain of questions "is x = c?", one a category: each
 * leads to the left child on yes and to the next of the chain, at last to the right child, on no; NaN goes the same way at
 * each. ONNX Runtime takes nodes that are reached from several. An empty set becomes x < -Infinity.
 */
export function expandNodes(model: TreeModel): EnsembleNodes {
  const { width, first } = places(model)
  const count = width.reduce((sum, size) => sum + size, 0)
  const nodes = emptyEnsemble(count)
  let at = 0
  for (let t = 0; t < treeCount(model); t++) {
    for (let i = model.treeStart[t] as number; i < (model.treeStart[t + 1] as number); i++) {
      const codes = codesOf(model, i)
      const size = width[i] as number
      for (let k = 0; k < size; k++, at++) {
        nodes.tree[at] = t
        nodes.id[at] = (first[i] as number) + k
        nodes.cover[at] = model.cover[i] as number
        if ((model.feature[i] as number) < 0) {
          nodes.weight[at] = model.value[i] as number
          continue
        }
        const left = model.left[i] as number
        nodes.mode[at] = codes.length > 0 ? 'BRANCH_EQ' : 'BRANCH_LT'
        nodes.feature[at] = model.feature[i] as number
        nodes.value[at] =
          codes[k] ?? ((model.categorySet[i] as number) < 0 ? (model.threshold[i] as number) : -Infinity)
        nodes.missingTrue[at] = model.missingLeft[i] as number
        nodes.trueId[at] = first[left] as number
        nodes.falseId[at] = k + 1 < size ? (first[i] as number) + k + 1 : (first[left + 1] as number)
      }
    }
  }
  return nodes
}

/** An ensemble without nodes is not valid ONNX: a model without trees is one leaf that adds nothing. */
export const loneLeaf = (): EnsembleNodes => emptyEnsemble(1)

function emptyEnsemble(count: number): EnsembleNodes & { readonly mode: NodeMode[] } {
  return {
    tree: new Int32Array(count),
    id: new Int32Array(count),
    mode: Array.from({ length: count }, () => 'LEAF'),
    feature: new Int32Array(count),
    value: new Float64Array(count),
    trueId: new Int32Array(count),
    falseId: new Int32Array(count),
    missingTrue: new Int32Array(count),
    cover: new Float64Array(count),
    weight: new Float64Array(count),
  }
}

const codesOf = ({ categorySet, categoryBits }: TreeModel, i: number): readonly number[] =>
  (categorySet[i] as number) < 0 ? [] : categoriesOf(categoryBits, categorySet[i] as number)

/** How many ONNX nodes each node becomes, and the number of the first within its tree. */
function places(model: TreeModel): { readonly width: Int32Array; readonly first: Int32Array } {
  const width = Int32Array.from(model.feature, (_, i) => Math.max(1, codesOf(model, i).length))
  const first = new Int32Array(width.length)
  for (let t = 0; t < treeCount(model); t++) {
    let id = 0
    for (let i = model.treeStart[t] as number; i < (model.treeStart[t + 1] as number); i++) {
      first[i] = id
      id += width[i] as number
    }
  }
  return { width, first }
}

/** What {@link collapseNodes} gives: all but what the graph does not hold. */
export type CollapsedNodes = Omit<TreeModel, 'objective' | 'columns' | 'baseScore' | 'gain'>

/**
 * The nodes that {@link expandNodes} took; tree t owns the entries from `starts[t]` up to `starts[t + 1]` (exclusive). Sets
 * are written in node order without zero words at their ends. Throws where a chain or a pair of children is not of its making.
 */
export function collapseNodes(nodes: EnsembleNodes, starts: Int32Array): CollapsedNodes {
  const heads = chainHeads(nodes)
  const placeOf = new Int32Array(nodes.id.length).fill(-1)
  for (let i = 0; i < heads.length; i++) placeOf[heads[i] as number] = i
  const found = emptyNodes(starts.length - 1, heads.length)
  found.treeStart.set(starts.map((at) => placeOf[at] ?? heads.length))
  const { feature, threshold, left, missingLeft, categorySet, value, cover } = found
  const { mode } = nodes
  const sets: number[] = []
  for (let i = 0; i < heads.length; i++) {
    const at = heads[i] as number
    cover[i] = nodes.cover[at] as number
    value[i] = nodes.weight[at] as number
    if (mode[at] === 'LEAF') continue
    const last = (i + 1 < heads.length ? (heads[i + 1] as number) : nodes.id.length) - 1
    feature[i] = nodes.feature[at] as number
    left[i] = leftChild(nodes, placeOf, starts, at, last)
    missingLeft[i] = nodes.missingTrue[at] as number
    if (mode[at] === 'BRANCH_LT') threshold[i] = nodes.value[at] as number
    else categorySet[i] = appendSet(sets, nodes.value.subarray(at, last + 1), `trees: bundle: node ${at}`)
  }
  return { ...found, categoryBits: Uint32Array.from(sets) }
}

/** The left child of the node whose chain lies from `at` to `last`; throws unless its sibling lies beside it. */
function leftChild(nodes: EnsembleNodes, placeOf: Int32Array, starts: Int32Array, at: number, last: number): number {
  const tree = nodes.tree[at] as number
  const start = starts[tree] as number
  const count = (starts[tree + 1] as number) - start
  const yes = nodes.trueId[at] as number
  const no = nodes.falseId[last] as number
  const inside = yes >= 0 && yes < count && no >= 0 && no < count
  const left = inside ? (placeOf[start + yes] as number) : -1
  if (left > (placeOf[at] as number) && placeOf[start + no] === left + 1) return left
  throw new Error(
    `trees: bundle: node ${at} leads nowhere or its children lie apart. The file is damaged: train again.`,
  )
}

/** Places of the nodes that begin a chain, or stand alone. */
function chainHeads(nodes: EnsembleNodes): Int32Array {
  const heads = new Int32Array(nodes.id.length)
  let count = 0
  for (let at = 0; at < heads.length; at++) {
    if (nodes.mode[at] === 'BRANCH_EQ' && continuesChain(nodes, at)) continue
    heads[count] = at
    count++
  }
  return heads.subarray(0, count)
}

/** Whether the node before leads to this one where its own question is answered with no. */
function continuesChain(nodes: EnsembleNodes, at: number): boolean {
  const before = at - 1
  return (
    at > 0 &&
    nodes.mode[before] === 'BRANCH_EQ' &&
    nodes.tree[before] === nodes.tree[at] &&
    nodes.falseId[before] === nodes.id[at] &&
    nodes.trueId[before] === nodes.trueId[at] &&
    nodes.feature[before] === nodes.feature[at] &&
    nodes.missingTrue[before] === nodes.missingTrue[at]
  )
}
