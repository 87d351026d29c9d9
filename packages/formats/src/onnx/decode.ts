import { decodeTensor } from './decode-tensor.ts'
import { elementTypeOf } from './element-type.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxOpset, OnnxTensor, OnnxValueInfo } from './model.ts'
import {
  joined,
  readBytes,
  readFloat,
  readFloats,
  readInt,
  readInts,
  readMessage,
  readText,
  readTexts,
} from './wire.ts'
import type { Integers } from './wire.ts'

/**
 * Reads the bytes of an .onnx file. Unknown fields are skipped; what {@link OnnxModel} cannot represent (graph
 * attributes, other tensor types, sequence or map values, external data) is refused. So are truncated and foreign
 * bytes: lengths must fit, and the IR version, at least one operator set and the graph must be there. Every failure is
 * an Error that begins with "onnx:" and carries the reason; its cause is the first failure. Cost: linear in the size.
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  try {
    return readModel(bytes)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `onnx: bytes=${bytes.length} bytes: not a whole ONNX model that this reader knows (${reason}). ` +
        'Check that the file was copied completely and is an .onnx file',
      { cause },
    )
  }
}

function readModel(bytes: Uint8Array): OnnxModel {
  let irVersion: number | undefined
  let graph: OnnxGraph | undefined
  let producerName = ''
  let producerVersion = ''
  const opsets: OnnxOpset[] = []
  const metadata = new Map<string, string>()
  readMessage(bytes, 'ModelProto', (field, wire, reader) => {
    if (field === 1) irVersion = readInt(wire, reader)
    else if (field === 2) producerName = readText(wire, reader)
    else if (field === 3) producerVersion = readText(wire, reader)
    else if (field === 7) graph = readGraph(readBytes(wire, reader))
    else if (field === 8) opsets.push(readOpset(readBytes(wire, reader)))
    else if (field === 14) readEntry(readBytes(wire, reader), metadata)
    else return false
    return true
  })
  if (irVersion === undefined) throw new RangeError('the IR version is missing')
  if (opsets.length === 0) throw new RangeError('the operator sets are missing')
  if (!graph) throw new RangeError('the graph is missing')
  return { irVersion, producerName, producerVersion, opsets, metadata, graph }
}

function readOpset(bytes: Uint8Array): OnnxOpset {
  let domain = ''
  let version = 0
  readMessage(bytes, 'OperatorSetIdProto', (field, wire, reader) => {
    if (field === 1) domain = readText(wire, reader)
    else if (field === 2) version = readInt(wire, reader)
    else return false
    return true
  })
  return { domain, version }
}

function readEntry(bytes: Uint8Array, metadata: Map<string, string>): void {
  let key = ''
  let value = ''
  readMessage(bytes, 'StringStringEntryProto', (field, wire, reader) => {
    if (field === 1) key = readText(wire, reader)
    else if (field === 2) value = readText(wire, reader)
    else return false
    return true
  })
  if (metadata.has(key)) throw new RangeError(`metadata key ${JSON.stringify(key)} occurs twice`)
  metadata.set(key, value)
}

function readGraph(bytes: Uint8Array): OnnxGraph {
  let name = ''
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const inputs: OnnxValueInfo[] = []
  const outputs: OnnxValueInfo[] = []
  readMessage(bytes, 'GraphProto', (field, wire, reader) => {
    if (field === 1) nodes.push(readNode(readBytes(wire, reader)))
    else if (field === 2) name = readText(wire, reader)
    else if (field === 5) initializers.push(decodeTensor(readBytes(wire, reader)))
    else if (field === 11) inputs.push(readValueInfo(readBytes(wire, reader)))
    else if (field === 12) outputs.push(readValueInfo(readBytes(wire, reader)))
    else return false
    return true
  })
  return { name, nodes, initializers, inputs, outputs }
}

function readNode(bytes: Uint8Array): OnnxNode {
  let name = ''
  let opType = ''
  let domain = ''
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: OnnxAttribute[] = []
  readMessage(bytes, 'NodeProto', (field, wire, reader) => {
    if (field === 1) inputs.push(readText(wire, reader))
    else if (field === 2) outputs.push(readText(wire, reader))
    else if (field === 3) name = readText(wire, reader)
    else if (field === 4) opType = readText(wire, reader)
    else if (field === 5) attributes.push(readAttribute(readBytes(wire, reader)))
    else if (field === 7) domain = readText(wire, reader)
    else return false
    return true
  })
  return { name, opType, domain, inputs, outputs, attributes }
}

function readAttribute(bytes: Uint8Array): OnnxAttribute {
  const parts = { name: '', code: 0, f: 0, i: 0, s: new Uint8Array(0) as Uint8Array }
  let tensor: OnnxTensor | undefined
  const floats: number[] = []
  const ints: Integers[] = []
  let strings: string[] = []
  readMessage(bytes, 'AttributeProto', (field, wire, reader) => {
    if (field === 1) parts.name = readText(wire, reader)
    else if (field === 2) parts.f = readFloat(wire, reader)
    else if (field === 3) parts.i = readInt(wire, reader)
    else if (field === 4) parts.s = readBytes(wire, reader)
    else if (field === 5) tensor = decodeTensor(readBytes(wire, reader))
    else if (field === 7) readFloats(wire, reader, floats)
    else if (field === 8) ints.push(readInts(wire, reader))
    else if (field === 9) {
      const texts = readTexts(bytes, field, wire, reader)
      strings = strings.length === 0 ? texts : [...strings, ...texts]
    } else if (field === 20) parts.code = readInt(wire, reader)
    else return false
    return true
  })
  const { name, code, f, i, s } = parts
  if (code === 1) return { name, type: 'float', value: f }
  if (code === 2) return { name, type: 'int', value: i }
  if (code === 3)
    return { name, type: 'string', value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(s) }
  if (code === 4 && tensor) return { name, type: 'tensor', value: tensor }
  if (code === 6) return { name, type: 'floats', values: Float32Array.from(floats) }
  if (code === 7) return { name, type: 'ints', values: joined(ints) }
  if (code === 8) return { name, type: 'strings', values: strings }
  throw new RangeError(`attribute ${JSON.stringify(name)} has type ${code}, which is not supported`)
}

function readValueInfo(bytes: Uint8Array): OnnxValueInfo {
  let name = ''
  let type: Omit<OnnxValueInfo, 'name'> | undefined
  readMessage(bytes, 'ValueInfoProto', (field, wire, reader) => {
    if (field === 1) name = readText(wire, reader)
    else if (field === 2) type = readType(readBytes(wire, reader))
    else return false
    return true
  })
  if (!type) throw new RangeError(`value ${JSON.stringify(name)} is not a tensor`)
  return { name, ...type }
}

/** TypeProto: undefined unless it is a tensor type. */
function readType(bytes: Uint8Array): Omit<OnnxValueInfo, 'name'> | undefined {
  let tensorType: Uint8Array | undefined
  readMessage(bytes, 'TypeProto', (field, wire, reader) => {
    if (field !== 1) return false
    tensorType = readBytes(wire, reader)
    return true
  })
  if (!tensorType) return undefined
  let code = 0
  const shape: (number | string)[] = []
  readMessage(tensorType, 'TypeProto.Tensor', (field, wire, reader) => {
    if (field === 1) code = readInt(wire, reader)
    else if (field === 2) readShape(readBytes(wire, reader), shape)
    else return false
    return true
  })
  return { elementType: elementTypeOf(code), shape }
}

/** TensorShapeProto; a dimension with neither size nor name is ''. */
function readShape(bytes: Uint8Array, shape: (number | string)[]): void {
  readMessage(bytes, 'TensorShapeProto', (field, wire, reader) => {
    if (field !== 1) return false
    let size: number | string = ''
    readMessage(readBytes(wire, reader), 'Dimension', (part, partWire, partReader) => {
      if (part === 1) size = readInt(partWire, partReader)
      else if (part === 2) size = readText(partWire, partReader)
      else return false
      return true
    })
    shape.push(size)
    return true
  })
}
