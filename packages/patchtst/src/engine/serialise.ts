import { encodeModel } from '@breakwater/formats'
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxValueInfo } from '@breakwater/formats'
import type { Attribute, Constant, Graph, GraphNode, Value } from './graph.ts'

/**
 * Stands for a number of samples that is chosen at every run: a prime so large that a size is a multiple of it only where
 * the samples are among its factors. Such a size is written as 'N' or, in a reshape, as -1.
 */
export const ANY_SAMPLES = 1_000_003

/** Strings beside the graph. */
export interface SerialiseOptions {
  readonly metadata?: ReadonlyMap<string, string>
}

/** The part of the graph that its outputs need, as the bytes of an ONNX model. */
export function serialise(graph: Graph, { metadata = new Map() }: SerialiseOptions = {}): Uint8Array {
  const nodes = liveNodes(graph)
  checkSamples(graph, nodes)
  const used = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ id }) => id)))
  const names = outputNames(graph)
  const nameOf = (value: Value): string => names.get(value.id) ?? value.name
  const copies = graph.outputs.filter(({ name, value }) => names.get(value.id) !== name)
  return encodeModel({
    irVersion: 8,
    producerName: 'breakwater',
    producerVersion: '1',
    opsets: [{ domain: '', version: 18 }],
    metadata,
    graph: {
      name: 'patchtst',
      nodes: [
        ...nodes.map((node) => onnxNode(node, nameOf, used, names)),
        ...copies.map(({ name, value }) => identity(nameOf(value), name)),
      ],
      initializers: graph.constants.filter(({ value }) => isUsed(graph, used, value)).map(tensorOf),
      inputs: graph.inputs.map((value) => info(value.name, value)),
      outputs: graph.outputs.map(({ name, value }) => info(name, value)),
    },
  })
}

/** Nodes that the outputs depend on, in the order in which they were added. */
function liveNodes({ nodes, outputs }: Graph): GraphNode[] {
  const live = new Set<GraphNode>()
  const open = outputs.flatMap(({ value }) => value.node ?? [])
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (live.has(node)) continue
    live.add(node)
    for (const { node: source } of node.inputs) if (source !== undefined) open.push(source)
  }
  return nodes.filter((node) => live.has(node))
}

/** Results take the names of outputs, so that no copies are needed but for a second name, an input or a constant. */
function outputNames({ outputs }: Graph): Map<number, string> {
  const names = new Map<number, string>()
  for (const { name, value } of outputs) if (value.node !== undefined && !names.has(value.id)) names.set(value.id, name)
  return names
}

function isUsed({ outputs }: Graph, used: ReadonlySet<number>, { id }: Value): boolean {
  return used.has(id) || outputs.some(({ value }) => value.id === id)
}

function onnxNode(
  { op, domain, inputs, outputs, attributes }: GraphNode,
  nameOf: (value: Value) => string,
  used: ReadonlySet<number>,
  names: ReadonlyMap<number, string>,
): OnnxNode {
  const named = (value: Value, at: number): string =>
    at === 0 || op === 'Split' || used.has(value.id) || names.has(value.id) ? nameOf(value) : ''
  return {
    name: '',
    opType: op,
    domain,
    inputs: inputs.map(nameOf),
    outputs: outputs.map(named),
    attributes: Object.entries(attributes).map(onnxAttribute),
  }
}

function onnxAttribute([name, value]: [string, Attribute]): OnnxAttribute {
  if (typeof value === 'number') return { name, type: 'int', value }
  if ('float' in value) return { name, type: 'float', value: value.float }
  return { name, type: 'ints', values: value }
}

function identity(from: string, to: string): OnnxNode {
  return { name: '', opType: 'Identity', domain: '', inputs: [from], outputs: [to], attributes: [] }
}

function tensorOf({ value: { name, shape: dims }, data }: Constant): OnnxTensor {
  if (data instanceof BigInt64Array) return { name, type: 'int64', dims, values: data.map(anySize) }
  if (data instanceof Float64Array) return { name, type: 'double', dims, values: data }
  return { name, type: 'float', dims, values: data }
}

/** Throws where an operator other than a reshape is given a size that depends on the number of samples: it could not be left open. */
function checkSamples({ constants }: Graph, nodes: readonly GraphNode[]): void {
  const open = new Set(constants.flatMap(({ value, data }) => (isOpen(data) ? [value.id] : [])))
  for (const { op, inputs } of nodes) {
    if (op === 'Reshape' || !inputs.some(({ id }) => open.has(id))) continue
    throw new Error(`patchtst: graph: ${op} is told the number of samples, which is chosen at every run`)
  }
}

function isOpen(data: Constant['data']): boolean {
  return data instanceof BigInt64Array && data.some((size) => anySize(size) === -1n)
}

/** Sizes that hold the samples become -1: the runtime works them out. */
function anySize(size: bigint): bigint {
  return size !== 0n && size % BigInt(ANY_SAMPLES) === 0n ? -1n : size
}

function info(name: string, { dtype, shape }: Value): OnnxValueInfo {
  const sizes = shape.map((size) => (size > 0 && size % ANY_SAMPLES === 0 ? samplesTimes(size / ANY_SAMPLES) : size))
  return { name, elementType: dtype, shape: sizes }
}

function samplesTimes(factor: number): string {
  return factor === 1 ? 'N' : `${factor}N`
}
