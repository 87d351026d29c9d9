export { refusedViewport, type ViewportHeader, viewportOf } from './payload/encode.ts'
export { payloadJsonSchema } from './payload/json-schema.ts'
export { viewportSchema, viewportSchemaV1 } from './payload/schema.ts'
export { type TargetTable, targetTable } from './payload/target-table.ts'
export { integerOfNs, msOfNs, nsOfInteger, nsOfMs } from './payload/time.ts'
export {
  type AnyViewportPayload,
  PAYLOAD_VERSIONS,
  type PayloadVersion,
  type TargetPayload,
  type TargetPayloadV1,
  type TickErrorCode,
  VIEWPORT_VERSION,
  type ViewportPayload,
  type ViewportPayloadV1,
} from './payload/types.ts'
