export { decodeModel } from './onnx/decode.ts'
export { elementTypeCode } from './onnx/element-type.ts'
export { encodeModel } from './onnx/encode.ts'
export type {
  ElementType,
  NumberList,
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpset,
  OnnxTensor,
  OnnxValueInfo,
} from './onnx/model.ts'
