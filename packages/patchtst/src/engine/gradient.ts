import { zeros } from './arrange.ts'
import { add } from './elementwise.ts'
import { emitOne } from './graph.ts'
import type { GraphNode, Value } from './graph.ts'
import { pullBack } from './rules.ts'
import { sameShape } from './shape.ts'

/**
 * Reverse-mode differentiation: the gradients of a scalar with respect to `inputs`, as values of the same graph, which
 * they are added to. Where nothing connects an input with the scalar, zeros.
 */
export function gradients(scalar: Value, inputs: readonly Value[]): Value[] {
  const { graph } = scalar
  if (scalar.shape.length > 0) throw new RangeError(`patchtst: graph: [${scalar.shape.join()}] is not a scalar`)
  const reached = new Set(inputs.map(({ id }) => id))
  const path: GraphNode[] = []
  for (const node of graph.nodes) {
    if (!node.inputs.some(({ id }) => reached.has(id))) continue
    path.push(node)
    for (const { id } of node.outputs) reached.add(id)
  }
  const parts = new Map<number, Value[]>([[scalar.id, [graph.constant([1], [])]]])
  const give = (target: Value | undefined, part: Value | undefined, op: string): void => {
    if (target === undefined || part === undefined || !reached.has(target.id)) return
    if (!sameShape(part.shape, target.shape)) {
      throw new Error(`patchtst: graph: ${op}: adjoint [${part.shape.join()}] of an input [${target.shape.join()}]`)
    }
    parts.set(target.id, [...(parts.get(target.id) ?? []), part])
  }
  for (const node of path.toReversed()) {
    const adjoints = node.outputs.map(({ id }) => total(parts, id))
    if (!adjoints.some((adjoint) => adjoint !== undefined)) continue
    const [first, firstAdjoint] = [node.outputs[0], adjoints[0]]
    const composite = first && graph.composites.get(first.id)
    if (composite !== undefined && firstAdjoint !== undefined) {
      const back = composite.pullback(firstAdjoint)
      for (const [i, part] of back.entries()) give(composite.inputs[i], part, node.op)
      continue
    }
    for (const [i, part] of pullBack(node, adjoints).entries()) give(node.inputs[i], part, node.op)
  }
  return inputs.map((input) => total(parts, input.id) ?? zeros(input, input.shape))
}

/**
 * The sum of what flows to a value. A product of matrices takes the rest as its addend, so that the sum costs no pass of
 * its own.
 */
function total(parts: Map<number, Value[]>, id: number): Value | undefined {
  const all = parts.get(id)
  if (all === undefined) return undefined
  const products = all.filter(isPlainProduct)
  const [first, ...rest] = [...all.filter((part) => !isPlainProduct(part)), ...products]
  if (first === undefined) return undefined
  const sum = rest.reduce((so, part) => (isPlainProduct(part) ? withAddend(part, so) : add(so, part)), first)
  parts.set(id, [sum])
  return sum
}

function isPlainProduct({ node }: Value): boolean {
  return node?.op === 'Gemm' && node.inputs.length === 2
}

function withAddend({ node, shape }: Value, addend: Value): Value {
  const [a, b] = node?.inputs ?? []
  if (a === undefined || b === undefined) throw new Error('patchtst: graph: a product without factors')
  return emitOne('Gemm', [a, b, addend], { shape }, node?.attributes)
}
