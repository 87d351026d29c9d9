import { elementTypeCode, type OnnxAttribute, type OnnxNode, type OnnxTensor } from '@breakwater/formats'

/** A graph in the making: calls are added in the order in which they are computed, and give the names of their results. */
export interface GraphBuilder {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly call: (opType: string, inputs: readonly string[], options?: CallOptions) => string
  /** A constant of shape [1, values], or of other dimensions. */
  readonly doubles: (values: ArrayLike<number>, dims?: readonly number[]) => string
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
  const constants = new Map<string, string>()
  const nameOf = (what: string): string => `bw_${nodes.length + initializers.length}_${what}`
  /** The same constant is written once. */
  const constant = (type: 'double' | 'float' | 'int64', values: ArrayLike<number>, dims: readonly number[]): string => {
    const key = `${type} ${dims.join(' ')}: ${Array.from(values, exactly).join(' ')}`
    const known = constants.get(key)
    if (known !== undefined) return known
    const name = nameOf(type)
    constants.set(key, name)
    if (type === 'double') initializers.push({ name, type, dims, values: Float64Array.from(values) })
    else if (type === 'float') initializers.push({ name, type, dims, values: Float32Array.from(values) })
    else initializers.push({ name, type, dims, values: BigInt64Array.from(Array.from(values, BigInt)) })
    return name
  }
  const call: GraphBuilder['call'] = (opType, inputs, { attributes = [], domain = '', output } = {}) => {
    const result = output ?? nameOf(opType)
    nodes.push({ name: result, opType, domain, inputs, outputs: [result], attributes })
    return result
  }
  return {
    nodes,
    initializers,
    call,
    doubles: (values, dims = [1, values.length]) => constant('double', values, dims),
    floats: (values) => constant('float', values, [1, values.length]),
    integers: (values, dims = [1, values.length]) => constant('int64', values, dims),
    cast: (input, to) =>
      call('Cast', [input], { attributes: [{ name: 'to', type: 'int', value: elementTypeCode(to) }] }),
  }
}

/** A number as no other number is written, minus zero apart from zero. */
const exactly = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))
