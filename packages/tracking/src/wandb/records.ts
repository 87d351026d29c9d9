import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { WandbManifest } from './artifact.ts'

// Field numbers are those of W&B's wandb_internal.proto.

/** A value that JSON holds. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** The fields of the run record. */
export interface RunDescription {
  readonly id: string
  readonly entity: string | undefined
  readonly project: string
  readonly config: Readonly<Record<string, JsonValue>>
  readonly group: string | undefined
  readonly jobType: string
  readonly name: string
  readonly notes: string | undefined
  readonly tags: readonly string[]
  readonly startedAt: number
  readonly commit: string | undefined
}

/** An artifact ready to be recorded. */
export interface WandbArtifact {
  readonly runId: string
  readonly project: string
  readonly entity: string | undefined
  readonly name: string
  readonly type: string
  readonly metadata: string
  readonly clientId: string
  readonly sequenceClientId: string
  readonly manifest: WandbManifest
}

type Fields = (writer: BinaryWriter) => void

function message(writer: BinaryWriter, field: number, fields: Fields): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  fields(writer)
  writer.join()
}

function text(writer: BinaryWriter, field: number, value: string | undefined): void {
  if (value !== undefined && value !== '') writer.tag(field, WireType.LengthDelimited).string(value)
}

function record(num: number, field: number, fields: Fields): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int64(num)
  message(writer, field, fields)
  return writer.finish()
}

/** Items {key 1, value_json 16}, as config, summary and history hold them. */
function items(writer: BinaryWriter, field: number, values: Readonly<Record<string, JsonValue>>): void {
  for (const [key, value] of Object.entries(values)) {
    message(writer, field, (item) => {
      text(item, 1, key)
      text(item, 16, JSON.stringify(value))
    })
  }
}

/** The oldest reader that understands these records, as W&B's own writer records it. */
const MIN_CONSUMER = '0.70.0'

/** Header: who wrote the file. */
export function headerRecord(num: number, producer: string): Uint8Array {
  return record(num, 21, (header) =>
    message(header, 1, (version) => {
      text(version, 1, producer)
      text(version, 2, MIN_CONSUMER)
    }),
  )
}

/** Run: what it is called and where it belongs. */
export function runRecord(num: number, run: RunDescription): Uint8Array {
  return record(num, 17, (writer) => {
    text(writer, 1, run.id)
    text(writer, 2, run.entity)
    text(writer, 3, run.project)
    message(writer, 4, (config) => items(config, 1, run.config))
    text(writer, 6, run.group)
    text(writer, 7, run.jobType)
    text(writer, 8, run.name)
    text(writer, 9, run.notes)
    for (const tag of run.tags) text(writer, 10, tag)
    message(writer, 17, (time) => timestamp(time, run.startedAt))
    if (run.commit !== undefined) message(writer, 21, (git) => text(git, 2, run.commit))
  })
}

function timestamp(writer: BinaryWriter, milliseconds: number): void {
  const seconds = Math.floor(milliseconds / 1000)
  writer.tag(1, WireType.Varint).int64(seconds)
  writer.tag(2, WireType.Varint).int32(Math.round((milliseconds - seconds * 1000) * 1e6))
}

/** Config: settings that are new. */
export function configRecord(num: number, values: Readonly<Record<string, JsonValue>>): Uint8Array {
  return record(num, 5, (writer) => items(writer, 1, values))
}

/** History: the values of one step. */
export function historyRecord(num: number, step: number, values: Readonly<Record<string, JsonValue>>): Uint8Array {
  return record(num, 2, (writer) => {
    items(writer, 1, values)
    message(writer, 2, (inner) => inner.tag(1, WireType.Varint).int64(step))
  })
}

/** Summary: the latest value of each metric. */
export function summaryRecord(num: number, values: Readonly<Record<string, JsonValue>>): Uint8Array {
  return record(num, 3, (writer) => items(writer, 1, values))
}

/** Artifact: its files by hash, with where they lie. */
export function artifactRecord(num: number, artifact: WandbArtifact): Uint8Array {
  return record(num, 8, (writer) => {
    text(writer, 1, artifact.runId)
    text(writer, 2, artifact.project)
    text(writer, 3, artifact.entity)
    text(writer, 4, artifact.type)
    text(writer, 5, artifact.name)
    text(writer, 6, artifact.manifest.digest)
    text(writer, 8, artifact.metadata)
    writer.tag(9, WireType.Varint).bool(true)
    text(writer, 11, 'latest')
    message(writer, 12, (manifest) => writeManifest(manifest, artifact.manifest))
    writer.tag(14, WireType.Varint).bool(true)
    text(writer, 15, artifact.clientId)
    text(writer, 16, artifact.sequenceClientId)
  })
}

function writeManifest(writer: BinaryWriter, { entries }: WandbManifest): void {
  writer.tag(1, WireType.Varint).int32(1)
  text(writer, 2, 'wandb-storage-policy-v1')
  message(writer, 3, (item) => {
    text(item, 1, 'storageLayout')
    text(item, 2, '"V2"')
  })
  for (const { path, digest, size, localPath } of entries) {
    message(writer, 4, (entry) => {
      text(entry, 1, path)
      text(entry, 2, digest)
      entry.tag(4, WireType.Varint).int64(size)
      text(entry, 6, localPath)
    })
  }
}

/** Exit: without it W&B shows the run as failed; `runtime` in seconds. */
export function exitRecord(num: number, exitCode: number, runtime: number): Uint8Array {
  return record(num, 18, (writer) => {
    writer.tag(1, WireType.Varint).int32(exitCode)
    writer.tag(2, WireType.Varint).int32(runtime)
  })
}

/** Final: nothing of the run follows. */
export const finalRecord = (num: number): Uint8Array => record(num, 20, () => undefined)

/** Footer: the end of the file. */
export const footerRecord = (num: number): Uint8Array => record(num, 22, () => undefined)
