import { treeCount } from '../../model/model.ts'
import type { TreeModel } from '../../model/model.ts'
import { categoriesOf } from '../assemble.ts'
import type { DocumentValue } from './document.ts'
import { shortestFloat, writeJsonText } from './json-text.ts'
import { baseScoreOf, marginOf, objectiveTo } from './objective.ts'
import type { LossParameters } from './objective.ts'
import { writeUbjson } from './ubjson-write.ts'

/** Version that the files claim: XGBoost 2.1's layout, which 1.7, 2.x and 3.x read. */
const VERSION = [2, 1, 0]

/** XGBoost's number for "no parent". */
const NO_PARENT = 2 ** 31 - 1

/**
 * The model as XGBoost's JSON (https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html). XGBoost adds the leaves
 * of a row in 32 bits, tree after tree, where we add them in 64: its raw scores are within (trees + 1) x 2^-24 x the largest sum on the way of
 * ours, its probabilities within a quarter of that. A base score that XGBoost's 32-bit base_score cannot hold is
 * written as a first tree of one leaf. Throws on a column name that XGBoost refuses. Cost: linear in the nodes.
 */
export function toXgboostJson(model: TreeModel, parameters: LossParameters = {}): string {
  return writeJsonText(documentOf(model, parameters))
}

/** The model as XGBoost's UBJSON, its default format since 2.1; as {@link toXgboostJson} otherwise. */
export function toXgboostUbj(model: TreeModel, parameters: LossParameters = {}): Uint8Array {
  return writeUbjson(documentOf(model, parameters))
}

function documentOf(model: TreeModel, parameters: LossParameters): DocumentValue {
  const objective = objectiveTo(model.objective, parameters)
  const { baseScore, extra } = startOf(objective.name, model.baseScore)
  const trees = Array.from({ length: treeCount(model) }, (_, t) => treeOf(model, t, t + extra.length))
  const all = [...extra.map((value) => loneLeaf(value, model.columns.length)), ...trees]
  return {
    learner: {
      attributes: {},
      feature_names: model.columns.map(checkName),
      feature_types: featureTypes(model),
      gradient_booster: {
        model: {
          gbtree_model_param: { num_parallel_tree: '1', num_trees: String(all.length) },
          iteration_indptr: Array.from({ length: all.length + 1 }, (_, i) => i),
          tree_info: all.map(() => 0),
          trees: all,
        },
        name: 'gbtree',
      },
      learner_model_param: {
        base_score: shortestFloat(baseScore),
        boost_from_average: '1',
        num_class: '0',
        num_feature: String(model.columns.length),
        num_target: '1',
      },
      objective,
    },
    version: VERSION,
  }
}

/** Least error of the base score that is worth a tree of its own; not against its size, which leaves may cancel. */
const WORTH_A_TREE = 3e-7

/** base_score for a raw score, and the leaf of a tree that carries it where base_score cannot. */
function startOf(objective: string, score: number): { readonly baseScore: number; readonly extra: readonly number[] } {
  const baseScore = baseScoreOf(objective, score)
  const error = Math.abs(marginOf(objective, baseScore) - score)
  // A leaf has 32 bits too: where it would be no nearer, it is worth nothing.
  if (error <= Math.max(WORTH_A_TREE, Math.abs(Math.fround(score) - score))) return { baseScore, extra: [] }
  return { baseScore: baseScoreOf(objective, 0), extra: [score] }
}

function checkName(name: string): string {
  if (!/[[\]<]/.test(name)) return name
  throw new RangeError(
    `trees: model.columns: ${JSON.stringify(name)} holds one of [ ] <, which XGBoost refuses. Rename the column.`,
  )
}

/** 'c' for columns with a split on categories, 'float' for others. */
function featureTypes({ columns, feature, categorySet }: TreeModel): string[] {
  const types = columns.map(() => 'float')
  for (const [i, set] of categorySet.entries()) if (set >= 0) types[feature[i] as number] = 'c'
  return types
}

/**
 * Tree t. XGBoost sends categories of the set right and takes the right child to be the left one's successor, so the
 * children of such a node change places.
 */
function treeOf(model: TreeModel, t: number, id: number): DocumentValue {
  const start = model.treeStart[t] as number
  const count = (model.treeStart[t + 1] as number) - start
  const { names, parents } = numbering(model, start, count)
  const nodes = emptyTree(count)
  const categories: number[][] = []
  const categoryNodes: number[] = []
  const byName = Int32Array.from(names.keys()).toSorted((a, b) => (names[a] as number) - (names[b] as number))
  for (const k of byName) {
    const [i, n] = [start + k, names[k] as number]
    nodes.parents[n] = parents[k] as number
    nodes.sum_hessian[n] = model.cover[i] as number
    if ((model.feature[i] as number) < 0) {
      nodes.split_conditions[n] = nodes.base_weights[n] = model.value[i] as number
      continue
    }
    const set = model.categorySet[i] as number
    const first = names[(model.left[i] as number) - start] as number
    const low = set < 0 ? first : first - 1
    nodes.left_children[n] = low
    nodes.right_children[n] = low + 1
    nodes.split_indices[n] = model.feature[i] as number
    nodes.default_left[n] = set < 0 ? (model.missingLeft[i] as number) : 1 - (model.missingLeft[i] as number)
    nodes.loss_changes[n] = model.gain[i] as number
    if (set < 0) nodes.split_conditions[n] = model.threshold[i] as number
    else {
      nodes.split_type[n] = 1
      categoryNodes.push(n)
      categories.push(categoriesOf(model.categoryBits, set))
    }
  }
  weighBranches(nodes)
  return {
    ...nodes,
    ...categoryFields(categoryNodes, categories),
    id,
    tree_param: treeParameters(count, model.columns.length),
  }
}

/** XGBoost's number of each node of a tree, and that of its parent. */
function numbering(model: TreeModel, start: number, count: number): { names: Int32Array; parents: Int32Array } {
  const names = Int32Array.from({ length: count }, (_, k) => k)
  const parents = new Int32Array(count).fill(NO_PARENT)
  for (let k = 0; k < count; k++) {
    const i = start + k
    if ((model.feature[i] as number) < 0) continue
    const left = (model.left[i] as number) - start
    const swap = (model.categorySet[i] as number) >= 0 ? 1 : 0
    names[left] = left + swap
    names[left + 1] = left + 1 - swap
    parents[left] = parents[left + 1] = names[k] as number
  }
  return { names, parents }
}

type XgboostTree = ReturnType<typeof emptyTree>

function emptyTree(count: number) {
  return {
    base_weights: new Float32Array(count),
    default_left: new Uint8Array(count),
    left_children: new Int32Array(count).fill(-1),
    loss_changes: new Float32Array(count),
    parents: new Int32Array(count).fill(NO_PARENT),
    right_children: new Int32Array(count).fill(-1),
    split_conditions: new Float32Array(count),
    split_indices: new Int32Array(count),
    split_type: new Uint8Array(count),
    sum_hessian: new Float32Array(count),
  }
}

/** The weight of a branch: the mean of its leaves by cover, children before parents. */
function weighBranches({ base_weights: weights, sum_hessian: cover, left_children: left }: XgboostTree): void {
  for (let n = left.length - 1; n >= 0; n--) {
    const a = left[n] as number
    if (a < 0) continue
    const [first, second] = [cover[a] as number, cover[a + 1] as number]
    const total = first + second
    weights[n] = total > 0 ? ((weights[a] as number) * first + (weights[a + 1] as number) * second) / total : 0
  }
}

function categoryFields(nodes: readonly number[], sets: readonly (readonly number[])[]): Record<string, DocumentValue> {
  let at = 0n
  return {
    categories: Int32Array.from(sets.flat()),
    categories_nodes: Int32Array.from(nodes),
    categories_segments: BigInt64Array.from(sets, (set) => (at += BigInt(set.length)) - BigInt(set.length)),
    categories_sizes: BigInt64Array.from(sets, (set) => BigInt(set.length)),
  }
}

const treeParameters = (nodes: number, features: number): DocumentValue => ({
  num_deleted: '0',
  num_feature: String(features),
  num_nodes: String(nodes),
  size_leaf_vector: '1',
})

function loneLeaf(value: number, features: number): DocumentValue {
  const tree = emptyTree(1)
  tree.split_conditions[0] = tree.base_weights[0] = value
  return { ...tree, ...categoryFields([], []), id: 0, tree_param: treeParameters(1, features) }
}
