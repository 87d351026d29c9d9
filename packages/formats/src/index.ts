export { LISTED_FILE, pathInVersion } from './listed-file.ts'
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
export { decodeSafetensors, encodeSafetensors } from './safetensors.ts'
export type { Dtype, Refusal, SafetensorsFile, Tensor, TensorData, TensorElements } from './safetensors.ts'
export { loadWasm, startWasm, wasmMemory } from './wasm.ts'
export type { WasmMemory, WasmMemorySize, WasmModule } from './wasm.ts'
