/**
 * An ONNX model as plain data: the part of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, IR
 * version 8) that tree ensembles and dense networks need. Names follow the proto in camelCase.
 *
 * Not represented, and refused by the reader: control flow (graph attributes), sparse and quantised tensors, tensors
 * stored outside the file, sequence and map types, training graphs.
 */

/** Element types a value of the graph may have. {@link elementTypeCode} gives the number that attributes such as Cast's `to` hold. */
export type ElementType =
  'float' | 'uint8' | 'int8' | 'int32' | 'int64' | 'string' | 'bool' | 'float16' | 'double' | 'uint32' | 'uint64'

/**
 * Constant numbers. `values` holds the product of `dims` elements in row-major order (an empty `dims` is a scalar).
 * 64-bit integers are BigInt, because ONNX uses the whole range (INT64_MAX marks "to the end" in Slice).
 */
export type OnnxTensor =
  | { readonly name: string; readonly type: 'float'; readonly dims: readonly number[]; readonly values: Float32Array }
  | { readonly name: string; readonly type: 'double'; readonly dims: readonly number[]; readonly values: Float64Array }
  | {
      readonly name: string
      readonly type: 'int64'
      readonly dims: readonly number[]
      readonly values: BigInt64Array
    }

/** Numbers of a list attribute. */
export type NumberList = readonly number[] | Float32Array | Float64Array | Int32Array | Uint8Array

/**
 * One attribute of a node. Integers are JavaScript numbers and must be safe integers (|x| < 2^53); `float` and
 * `floats` are rounded to 32 bits when written. The reader returns `floats` as Float32Array, `ints` as Int32Array
 * where all fit 32 bits, else as Float64Array.
 */
export type OnnxAttribute =
  | { readonly name: string; readonly type: 'float'; readonly value: number }
  | { readonly name: string; readonly type: 'int'; readonly value: number }
  | { readonly name: string; readonly type: 'string'; readonly value: string }
  | { readonly name: string; readonly type: 'tensor'; readonly value: OnnxTensor }
  | { readonly name: string; readonly type: 'floats'; readonly values: NumberList }
  | { readonly name: string; readonly type: 'ints'; readonly values: NumberList }
  | { readonly name: string; readonly type: 'strings'; readonly values: readonly string[] }

/** One operator call. An empty string in `inputs` is an omitted optional input; `domain` '' is the standard one. */
export interface OnnxNode {
  readonly name: string
  readonly opType: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: readonly OnnxAttribute[]
}

/** Name, element type and shape of a tensor value; a string in `shape` names a size known only at run time ('N'). */
export interface OnnxValueInfo {
  readonly name: string
  readonly elementType: ElementType
  readonly shape: readonly (number | string)[]
}

/** The computation: nodes in an order in which every input is already computed. */
export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly inputs: readonly OnnxValueInfo[]
  readonly outputs: readonly OnnxValueInfo[]
}

/** A set of operators and its version: `{ domain: '', version: 17 }`. */
export interface OnnxOpset {
  readonly domain: string
  readonly version: number
}

/** A whole model file. `metadata` keys are unique; their order is kept. */
export interface OnnxModel {
  readonly irVersion: number
  readonly producerName: string
  readonly producerVersion: string
  readonly opsets: readonly OnnxOpset[]
  readonly metadata: ReadonlyMap<string, string>
  readonly graph: OnnxGraph
}
