import { elementTypeCode, type OnnxAttribute, type OnnxNode, type OnnxTensor } from '@breakwater/formats'

/** A graph in the making: calls are added in the order in which they are computed, and give the names of their results. */
export interface GraphBuilder {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly call: (opType: string, inputs: readonly string[], options?: CallOptions) => string
  /** A constant of shape [1, values]. */
  readonly doubles: (values: readonly number[]) => string
  /** A constant list, as Gather looks up in. */
  readonly table: (values: readonly number[]) => string
  readonly floats: (values: readonly number[]) => string
  readonly integers: (values: readonly number[], dims?: readonly number[]) => string
  /** A value as another element type. */
  readonly cast: (input: string, to: 'float' | 'double' | 'int64') => string
}

/** What a call may say beside its inputs. */
export interface CallOptions {
  readonly attributes?: readonly OnnxAttribute[]
  readonly domain?: string
  /** Name of the result, where it is one of the graph. */
  readonly output?: string
}

/** Begins a graph. Names of results begin with `bw_`, which no column's does. */
export function createBuilder(): GraphBuilder {
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const constant = (tensor: OnnxTensor): string => {
    initializers.push(tensor)
    return tensor.name
  }
  const nameOf = (what: string): string => `bw_${nodes.length + initializers.length}_${what}`
  const call: GraphBuilder['call'] = (opType, inputs, { attributes = [], domain = '', output } = {}) => {
    const result = output ?? nameOf(opType)
    nodes.push({ name: result, opType, domain, inputs, outputs: [result], attributes })
    return result
  }
  return {
    nodes,
    initializers,
    call,
    doubles: (values) =>
      constant({
        name: nameOf('doubles'),
        type: 'double',
        dims: [1, values.length],
        values: Float64Array.from(values),
      }),
    table: (values) =>
      constant({ name: nameOf('table'), type: 'double', dims: [values.length], values: Float64Array.from(values) }),
    floats: (values) =>
      constant({ name: nameOf('floats'), type: 'float', dims: [1, values.length], values: Float32Array.from(values) }),
    integers: (values, dims = [1, values.length]) =>
      constant({ name: nameOf('integers'), type: 'int64', dims, values: BigInt64Array.from(values, BigInt) }),
    cast: (input, to) =>
      call('Cast', [input], { attributes: [{ name: 'to', type: 'int', value: elementTypeCode(to) }] }),
  }
}
