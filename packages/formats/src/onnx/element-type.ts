import type { ElementType } from './model.ts'

/** TensorProto.DataType of onnx.proto. */
const CODES: ReadonlyMap<ElementType, number> = new Map([
  ['float', 1],
  ['uint8', 2],
  ['int8', 3],
  ['int32', 6],
  ['int64', 7],
  ['string', 8],
  ['bool', 9],
  ['float16', 10],
  ['double', 11],
  ['uint32', 12],
  ['uint64', 13],
])

/** The number that ONNX stores for an element type (float is 1, int64 7, double 11): what Cast's attribute `to` holds. */
export function elementTypeCode(type: ElementType): number {
  const code = CODES.get(type)
  if (code === undefined) {
    throw new RangeError(`onnx: type=${type}: not an element type. Use one of ${[...CODES.keys()].join(', ')}`)
  }
  return code
}

/** The element type of an ONNX number; throws on one that {@link ElementType} does not list. */
export function elementTypeOf(code: number): ElementType {
  for (const [type, value] of CODES) if (value === code) return type
  throw new RangeError(`element type ${code} is not supported`)
}
