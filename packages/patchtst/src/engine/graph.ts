import { sizeOf } from './shape.ts'
import type { Shape } from './shape.ts'

/** Element types of values. 'double' is for checking gradients: not every operator has a 64-bit kernel. */
export type Dtype = 'float' | 'double' | 'int64' | 'bool' | 'uint8'

/** A node's setting: a plain number is an integer. */
export type Attribute = number | readonly number[] | { readonly float: number }

/** A tensor in a graph, its shape fixed when the graph is built. */
export interface Value {
  readonly graph: Graph
  readonly id: number
  readonly name: string
  readonly shape: Shape
  readonly dtype: Dtype
  /** What computes it; undefined for inputs and constants. */
  readonly node: GraphNode | undefined
}

/** One operator call. */
export interface GraphNode {
  readonly op: string
  readonly domain: string
  readonly inputs: readonly Value[]
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly outputs: Value[]
}

/** Several nodes whose gradient is known as a whole: the adjoint of their result goes to `inputs` directly. */
export interface Composite {
  readonly inputs: readonly Value[]
  readonly pullback: (adjoint: Value) => readonly (Value | undefined)[]
}

/** Numbers that a graph carries. */
export interface Constant {
  readonly value: Value
  readonly data: Float32Array | Float64Array | BigInt64Array
}

/** Shape and type of an output of a node; the type defaults to the graph's own. */
export interface OutputType {
  readonly shape: Shape
  readonly dtype?: Dtype
}

/**
 * A graph of ONNX operators with static shapes, built node by node. Equal operators on equal inputs are one node. Functions
 * in `operators` add nodes; `gradients` adds those of the reverse pass.
 */
export class Graph {
  readonly float: 'float' | 'double'
  readonly nodes: GraphNode[] = []
  readonly inputs: Value[] = []
  readonly constants: Constant[] = []
  readonly outputs: { readonly name: string; readonly value: Value }[] = []
  readonly composites: Map<number, Composite> = new Map()
  readonly #seen = new Map<string, readonly Value[]>()
  #count = 0

  constructor(float: 'float' | 'double' = 'float') {
    this.float = float
  }

  /** A value that is fed at every run. */
  input(name: string, shape: Shape, dtype: Dtype = this.float): Value {
    const value = this.#value(shape, dtype, undefined, name)
    this.inputs.push(value)
    return value
  }

  /** Names a result of the graph. */
  output(name: string, value: Value): void {
    this.outputs.push({ name, value })
  }

  /** Numbers of the graph's float type. */
  constant(numbers: ArrayLike<number>, shape: Shape, name?: string): Value {
    const data = this.float === 'float' ? Float32Array.from(numbers) : Float64Array.from(numbers)
    return this.#constant(data, shape, this.float, name)
  }

  /** A list of integers: a shape, axes, sizes or indices. */
  integers(numbers: readonly number[], shape: Shape = [numbers.length]): Value {
    return this.#constant(BigInt64Array.from(numbers, BigInt), shape, 'int64')
  }

  /** Adds a node, or gives the outputs of the same one that is there. */
  emit(
    op: string,
    inputs: readonly Value[],
    outputs: readonly OutputType[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): readonly Value[] {
    const key = `${op} ${inputs.map(({ id }) => id).join()} ${JSON.stringify(attributes)} ${outputs.length}`
    const seen = this.#seen.get(key)
    if (seen !== undefined) return seen
    const node: GraphNode = { op, domain, inputs, attributes, outputs: [] }
    for (const { shape, dtype = this.float } of outputs) node.outputs.push(this.#value(shape, dtype, node))
    this.nodes.push(node)
    this.#seen.set(key, node.outputs)
    return node.outputs
  }

  #constant(data: Constant['data'], shape: Shape, dtype: Dtype, name?: string): Value {
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(`patchtst: graph: a constant of shape [${shape.join()}] cannot hold ${data.length} numbers`)
    }
    const key =
      name === undefined && data.length <= 4096 ? `constant ${dtype} [${shape.join()}] ${data.join()}` : undefined
    const seen = key === undefined ? undefined : this.#seen.get(key)?.[0]
    if (seen !== undefined) return seen
    const value = this.#value(shape, dtype, undefined, name)
    this.constants.push({ value, data })
    if (key !== undefined) this.#seen.set(key, [value])
    return value
  }

  #value(shape: Shape, dtype: Dtype, node: GraphNode | undefined, name?: string): Value {
    const id = this.#count++
    return { graph: this, id, name: name ?? `t${id}`, shape, dtype, node }
  }
}

/** Adds a node with one output. */
export function emitOne(
  op: string,
  inputs: readonly [Value, ...Value[]],
  output: OutputType,
  attributes: Readonly<Record<string, Attribute>> = {},
  domain = '',
): Value {
  const [value] = inputs[0].graph.emit(op, inputs, [output], attributes, domain)
  if (value === undefined) throw new Error(`patchtst: graph: ${op} gave no output`)
  return value
}

/** Declares that a value's gradient with respect to `inputs` is `pullback`, whatever nodes lie between. */
export function asComposite(value: Value, composite: Composite): Value {
  value.graph.composites.set(value.id, composite)
  return value
}

/** An integer attribute of a node, 0 where it has none. */
export function integerOf({ attributes }: GraphNode, name: string): number {
  const value = attributes[name]
  return typeof value === 'number' ? value : 0
}

/** A float attribute of a node, 1 where it has none. */
export function floatOf({ attributes }: GraphNode, name: string): number {
  const value = attributes[name]
  return typeof value === 'object' && 'float' in value ? value.float : 1
}
