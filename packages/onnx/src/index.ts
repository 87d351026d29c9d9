export { decodeModel } from './decode.ts'
export { elementTypeCode } from './element-type.ts'
export { encodeModel } from './encode.ts'
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
} from './model.ts'
