export { createAnyScorer, createViewportScorer } from './embedded/create.ts'
export type { AnyScorerOptions, ScorerOptions } from './embedded/create.ts'
export type { AnyScorer, PublishedSnapshot, ReloadResult, ViewportScorer } from './embedded/scorer.ts'
export type { Environment, ScorerSettings } from './embedded/settings.ts'
export type { ActiveStatus, BarStatus, ReloadCounts, ScorerStatus } from './embedded/status.ts'
export { historyOf, replaySnapshots } from './replay/snapshots.ts'
export type { ReplayInput } from './replay/snapshots.ts'
export type { StageReport } from '@breakwater/models/node'
export type { IncomingBar, IncomingLevel, IncomingSnapshot, SnapshotLimits } from '@breakwater/viewport'
export { payloadJsonSchema, VIEWPORT_VERSION, viewportSchema, viewportSchemaV1 } from '@breakwater/viewport/payload'
export type {
  AnyViewportPayload,
  PayloadVersion,
  TargetPayload,
  TargetPayloadV1,
  TickErrorCode,
  ViewportPayload,
  ViewportPayloadV1,
} from '@breakwater/viewport/payload'
