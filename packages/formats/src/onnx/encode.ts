import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

import { elementTypeCode } from './element-type.ts'
import type { NumberList, OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from './model.ts'
import { tensorBytes } from './tensor-bytes.ts'

/** AttributeProto.AttributeType of onnx.proto. */
const ATTRIBUTE_CODES = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const

/**
 * A model as the bytes of an .onnx file (protobuf). The same model gives the same bytes: fields are written in one
 * order, tensors as little-endian raw data. The graph is written last, so that a file cut short at any byte lacks it
 * and is refused by {@link decodeModel}. Floats of `float` and `floats` attributes are rounded to 32 bits.
 * Throws RangeError on an unsafe integer, or where a tensor's `dims` and values disagree. Cost: linear in the size.
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const w = new BinaryWriter()
  writeInt(w, 1, model.irVersion, 'irVersion')
  writeText(w, 2, model.producerName)
  writeText(w, 3, model.producerVersion)
  for (const opset of model.opsets) {
    writeMessage(w, 8, () => {
      writeText(w, 1, opset.domain)
      writeInt(w, 2, opset.version, `opset ${opset.domain}`)
    })
  }
  for (const [key, value] of model.metadata) {
    writeMessage(w, 14, () => {
      writeText(w, 1, key)
      writeText(w, 2, value)
    })
  }
  writeMessage(w, 7, () => writeGraph(w, model.graph))
  return w.finish()
}

function writeGraph(w: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) writeMessage(w, 1, () => writeNode(w, node))
  writeText(w, 2, graph.name)
  for (const tensor of graph.initializers) writeMessage(w, 5, () => writeTensor(w, tensor))
  for (const value of graph.inputs) writeMessage(w, 11, () => writeValueInfo(w, value))
  for (const value of graph.outputs) writeMessage(w, 12, () => writeValueInfo(w, value))
}

function writeNode(w: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) writeText(w, 1, input)
  for (const output of node.outputs) writeText(w, 2, output)
  writeText(w, 3, node.name)
  writeText(w, 4, node.opType)
  for (const attribute of node.attributes) writeMessage(w, 5, () => writeAttribute(w, attribute))
  writeText(w, 7, node.domain)
}

function writeAttribute(w: BinaryWriter, attribute: OnnxAttribute): void {
  writeText(w, 1, attribute.name)
  writeAttributeValue(w, attribute)
  writeInt(w, 20, ATTRIBUTE_CODES[attribute.type], 'type')
}

function writeAttributeValue(w: BinaryWriter, attribute: OnnxAttribute): void {
  switch (attribute.type) {
    case 'float':
      w.tag(2, WireType.Bit32).float(Math.fround(attribute.value))
      break
    case 'int':
      writeInt(w, 3, attribute.value, attribute.name)
      break
    case 'string':
      writeText(w, 4, attribute.value)
      break
    case 'tensor':
      writeMessage(w, 5, () => writeTensor(w, attribute.value))
      break
    case 'floats':
      writeFloats(w, attribute.values)
      break
    case 'ints':
      writeInts(w, 8, attribute.values, attribute.name)
      break
    case 'strings':
      for (const value of attribute.values) writeText(w, 9, value)
      break
    default:
      throw new TypeError(`onnx: attribute=${JSON.stringify(attribute)}: unknown attribute type`)
  }
}

function writeTensor(w: BinaryWriter, tensor: OnnxTensor): void {
  const raw = tensorBytes(tensor)
  writeInts(w, 1, tensor.dims, `dims of tensor ${tensor.name}`)
  writeInt(w, 2, elementTypeCode(tensor.type), 'data_type')
  writeText(w, 8, tensor.name)
  w.tag(9, WireType.LengthDelimited).bytes(raw)
}

function writeValueInfo(w: BinaryWriter, value: OnnxValueInfo): void {
  writeText(w, 1, value.name)
  const writeShape = (): void => {
    for (const size of value.shape) {
      writeMessage(w, 1, () => {
        if (typeof size === 'string') writeText(w, 2, size)
        else writeInt(w, 1, size, `shape of ${value.name}`)
      })
    }
  }
  writeMessage(w, 2, () =>
    writeMessage(w, 1, () => {
      writeInt(w, 1, elementTypeCode(value.elementType), 'elem_type')
      writeMessage(w, 2, writeShape)
    }),
  )
}

/** One nested message: tag, length, then what `body` writes. */
function writeMessage(w: BinaryWriter, field: number, body: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork()
  body()
  w.join()
}

function writeText(w: BinaryWriter, field: number, text: string): void {
  w.tag(field, WireType.LengthDelimited).string(text)
}

function writeInt(w: BinaryWriter, field: number, value: number, name: string): void {
  w.tag(field, WireType.Varint)
  writeVarint(w, value, name)
}

function writeInts(w: BinaryWriter, field: number, values: NumberList, name: string): void {
  w.tag(field, WireType.LengthDelimited).fork()
  for (const value of values) writeVarint(w, value, name)
  w.join()
}

function writeFloats(w: BinaryWriter, values: NumberList): void {
  w.tag(7, WireType.LengthDelimited).fork()
  for (const value of values) w.float(Math.fround(value))
  w.join()
}

/** An int64 as protobuf writes it. The 32-bit path gives the same bytes and avoids a BigInt per value. */
function writeVarint(w: BinaryWriter, value: number, name: string): void {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`onnx: ${name}=${value}: must be an integer below 2^53. Use an int64 tensor for larger ones`)
  }
  if (value >= 0 && value <= 0xffffffff) w.uint32(value)
  else w.int64(value)
}
