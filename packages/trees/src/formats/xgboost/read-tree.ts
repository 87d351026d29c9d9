import type { ForeignTree } from '../assemble.ts'
import { fieldOf, integerOf, numbersOf, pathOf, wrong } from './document.ts'
import type { DocumentField } from './document.ts'

/**
 * One tree of XGBoost's file. "Yes" is x < condition, which goes left there; for categories it is "in the set", which goes
 * right there, and so missing values turn as well. Leaves are multiplied by `weight` in 32 bits, as dart does.
 */
export function readTree(tree: DocumentField, columnOf: Int32Array, weight: number): ForeignTree {
  const leafSize = integerOf(pathOf(tree, 'tree_param', 'size_leaf_vector'), 1)
  if (leafSize > 1)
    throw wrong(pathOf(tree, 'tree_param', 'size_leaf_vector'), 'leaves with several values are not known')
  const left = numbersOf(fieldOf(tree, 'left_children'))
  const count = left.length
  if (count === 0) throw wrong(fieldOf(tree, 'left_children'), 'must have at least one node')
  const list = (key: string): ArrayLike<number> => numbersOf(fieldOf(tree, key), count)
  const right = list('right_children')
  const conditions = list('split_conditions')
  const defaultLeft = list('default_left')
  const categories = setsOf(tree, count)
  const turned = (i: number): boolean => categories.has(i)
  return {
    yes: Array.from(left, (child, i) => (turned(i) ? (right[i] as number) : child)),
    no: Array.from(right, (child, i) => (turned(i) ? (left[i] as number) : child)),
    feature: Array.from(list('split_indices'), (feature) => columnOf[feature] ?? -1),
    threshold: conditions,
    missingYes: Uint8Array.from(defaultLeft, (flag, i) => (turned(i) ? 1 - Number(flag !== 0) : Number(flag !== 0))),
    categories,
    value:
      weight === 1
        ? conditions
        : Array.from(conditions, (value) => Math.fround(Math.fround(value) * Math.fround(weight))),
    gain: list('loss_changes'),
    cover: list('sum_hessian'),
  }
}

/** The set of each node that splits on categories. */
function setsOf(tree: DocumentField, count: number): Map<number, number[]> {
  const sets = new Map<number, number[]>()
  const types = fieldOf(tree, 'split_type')
  const nodesField = fieldOf(tree, 'categories_nodes')
  const nodes = nodesField.value === undefined ? [] : numbersOf(nodesField)
  const marked = types.value === undefined ? 0 : Array.from(numbersOf(types, count)).filter((type) => type === 1).length
  if (nodes.length === 0 && marked === 0) return sets
  const all = Array.from(numbersOf(fieldOf(tree, 'categories')))
  const begins = numbersOf(fieldOf(tree, 'categories_segments'), nodes.length)
  const sizes = numbersOf(fieldOf(tree, 'categories_sizes'), nodes.length)
  const kinds = numbersOf(types, count)
  for (let k = 0; k < nodes.length; k++) {
    const [node, begin, size] = [nodes[k] as number, begins[k] as number, sizes[k] as number]
    if (kinds[node] !== 1) throw wrong(nodesField, `node ${node} is not one with categories`)
    if (!(begin >= 0 && size >= 0 && begin + size <= all.length)) {
      throw wrong(fieldOf(tree, 'categories_sizes'), `the set of node ${node} reaches beyond the categories`)
    }
    sets.set(node, all.slice(begin, begin + size))
  }
  if (sets.size !== marked) throw wrong(nodesField, `lists ${sets.size} nodes, but ${marked} split on categories`)
  return sets
}
