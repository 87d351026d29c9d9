import { concat, expand, reshape, split, transpose, zeros } from './arrange.ts'
import { div, exp, mul, neg, sigmoid, sign, sub, subtractFrom, where } from './elementwise.ts'
import { floatOf, integerOf } from './graph.ts'
import type { GraphNode, Value } from './graph.ts'
import { matmul } from './product.ts'
import { columnSum, sumOver, unbroadcast } from './reduce.ts'
import { indices, sizeOf } from './shape.ts'

/** Adjoints of a node's inputs from the adjoint of its first output; undefined where none flows. */
type Rule = (adjoint: Value, node: GraphNode, inputs: Inputs) => (Value | undefined)[]

/** The first three inputs; absent ones repeat the first. */
interface Inputs {
  readonly a: Value
  readonly b: Value
  readonly c: Value
  readonly y: Value
}

const elementwise: Readonly<Record<string, Rule>> = {
  Add: (dy, _n, { a, b }) => [unbroadcast(dy, a.shape), unbroadcast(dy, b.shape)],
  Sub: (dy, _n, { a, b }) => [unbroadcast(dy, a.shape), neg(unbroadcast(dy, b.shape))],
  Mul: (dy, _n, { a, b }) => [unbroadcast(mul(dy, b), a.shape), unbroadcast(mul(dy, a), b.shape)],
  Div: (dy, _n, { a, b, y }) => [unbroadcast(div(dy, b), a.shape), neg(unbroadcast(div(mul(dy, y), b), b.shape))],
  Neg: (dy) => [neg(dy)],
  Exp: (dy, _n, { y }) => [mul(dy, y)],
  Sqrt: (dy, _n, { y }) => [div(mul(dy, 0.5), y)],
  Sigmoid: (dy, _n, { y }) => [mul(dy, mul(y, subtractFrom(1, y)))],
  Softplus: (dy, _n, { a }) => [mul(dy, sigmoid(a))],
  Erf: (dy, _n, { a }) => [mul(dy, mul(exp(neg(mul(a, a))), 2 / Math.sqrt(Math.PI)))],
  Abs: (dy, _n, { a }) => [mul(dy, sign(a))],
  Where: (dy, _n, { a, b, c }) => [
    undefined,
    unbroadcast(where(a, dy, 0), b.shape),
    unbroadcast(where(a, 0, dy), c.shape),
  ],
}

const arrangement: Readonly<Record<string, Rule>> = {
  Reshape: (dy, _n, { a }) => [reshape(dy, a.shape)],
  Transpose: (dy, { attributes }, { a }) => {
    const order = attributes['perm'] as readonly number[]
    return [
      transpose(
        dy,
        indices(a.shape.length).map((axis) => order.indexOf(axis)),
      ),
    ]
  },
  Expand: (dy, _n, { a }) => [unbroadcast(dy, a.shape)],
  Concat: (dy, node) => {
    const axis = integerOf(node, 'axis')
    const sizes = node.inputs.map(({ shape }) => shape[axis] ?? 1)
    return [...split(dy, sizes, axis)]
  },
}

const reduction: Readonly<Record<string, Rule>> = {
  ReduceSum: (dy, _n, { a }) => [expand(dy, a.shape)],
  ReduceMean: (dy, _n, { a, y }) => [expand(mul(dy, sizeOf(y.shape) / sizeOf(a.shape)), a.shape)],
  Softmax: (dy, _n, { y }) => {
    const weighted = mul(dy, y)
    return [sub(weighted, mul(y, sumOver(weighted, [y.shape.length - 1])))]
  },
}

const product: Readonly<Record<string, Rule>> = {
  MatMul: (dy, _n, { a, b }) => [
    unbroadcast(matmul(dy, b, { tb: true }), a.shape),
    unbroadcast(matmul(a, dy, { ta: true }), b.shape),
  ],
  Gemm: (dy, node, { a, b }) => {
    const [ta, tb, alpha] = [integerOf(node, 'transA') === 1, integerOf(node, 'transB') === 1, floatOf(node, 'alpha')]
    const toA = ta ? matmul(b, dy, { ta: tb, tb: true, alpha }) : matmul(dy, b, { tb: !tb, alpha })
    const toB = tb ? matmul(dy, a, { ta: true, tb: ta, alpha }) : matmul(a, dy, { ta: !ta, alpha })
    const addend = node.inputs[2]
    return addend === undefined ? [toA, toB] : [toA, toB, toAddend(dy, addend, floatOf(node, 'beta'))]
  },
}

function toAddend(dy: Value, addend: Value, beta: number): Value {
  const sum = addend.shape.length === 1 ? columnSum(dy) : dy
  return beta === 1 ? sum : mul(sum, beta)
}

const RULES: Readonly<Record<string, Rule>> = { ...elementwise, ...arrangement, ...reduction, ...product }

/** Operators without a gradient: nothing flows through them. */
const FLAT: ReadonlySet<string> = new Set(['Less', 'Sign', 'Cast'])

/** The adjoints of a node's inputs, from those of its outputs. Throws on an operator without a rule. */
export function pullBack(node: GraphNode, adjoints: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  if (FLAT.has(node.op)) return []
  const [y] = node.outputs
  const [a, b, c] = node.inputs
  if (a === undefined || y === undefined) return []
  if (node.op === 'Split') return [joined(node, adjoints)]
  const rule = RULES[node.op]
  if (rule === undefined) throw new Error(`patchtst: graph: ${node.op} has no rule for its gradient`)
  const [adjoint] = adjoints
  return adjoint === undefined ? [] : rule(adjoint, node, { a, b: b ?? a, c: c ?? a, y })
}

function joined(node: GraphNode, adjoints: readonly (Value | undefined)[]): Value | undefined {
  const parts = node.outputs.map((output, i) => adjoints[i] ?? zeros(output, output.shape))
  const [first, ...rest] = parts
  return first === undefined ? undefined : concat([first, ...rest], integerOf(node, 'axis'))
}
