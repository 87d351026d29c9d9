import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** The records of a .wandb file, by a plain reading of the format's description. Throws on any damage. */
function readLog(bytes: Uint8Array): Uint8Array[] {
  const file = Buffer.from(bytes)
  if (file.toString('hex', 0, 7) !== '3a572642e1be00') throw new Error('not a .wandb file')
  const records: Uint8Array[] = []
  let parts: Uint8Array[] = []
  for (let at = 7; at < file.length;) {
    const left = 32_768 - (at % 32_768)
    if (left < 7) {
      if (file.subarray(at, at + left).some((byte) => byte !== 0)) throw new Error(`padding at ${at} is not 0`)
      at += left
      continue
    }
    const length = file.readUInt16LE(at + 4)
    const type = file.readUInt8(at + 6)
    const end = at + 7 + length
    if (length > left - 7) throw new Error(`chunk at ${at} crosses its block`)
    if (crc32(file.subarray(at + 6, end)) !== file.readUInt32LE(at)) throw new Error(`bad checksum at ${at}`)
    const begins = type === 1 || type === 2
    if (begins !== (parts.length === 0)) throw new Error(`chunk at ${at} is out of order`)
    parts.push(file.subarray(at + 7, end))
    if (type === 1 || type === 4) {
      records.push(Buffer.concat(parts))
      parts = []
    }
    at = end
  }
  if (parts.length > 0) throw new Error('the last record is cut off')
  return records
}

/** A protobuf message without its schema: values by field number, submessages as bytes. */
export type Fields = Map<number, (number | Uint8Array)[]>

/** Reads one message. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes)
  const fields: Fields = new Map()
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    const value =
      type === WireType.LengthDelimited ? reader.bytes() : type === WireType.Varint ? Number(reader.int64()) : undefined
    if (value === undefined) reader.skip(type, field)
    else fields.set(field, [...(fields.get(field) ?? []), value])
  }
  return fields
}

/** The text of a field, '' where it is absent. */
export function textOf(fields: Fields, field: number): string {
  const [value] = fields.get(field) ?? []
  return typeof value === 'object' ? Buffer.from(value).toString() : ''
}

/** The submessages of a field. */
export function messagesOf(fields: Fields, field: number): Fields[] {
  return (fields.get(field) ?? []).flatMap((value) => (typeof value === 'object' ? [fieldsOf(value)] : []))
}

/** Items {key 1 or nested_key 2, value_json 16} as an object. */
export function itemsOf(fields: Fields, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messagesOf(fields, field).map((item) => [
      textOf(item, 1) || textOf(item, 2),
      JSON.parse(textOf(item, 16)) as unknown,
    ]),
  )
}

/** The records of a file as numbers of their kind and their message. */
export function recordsOf(path: string): { kind: number; message: Fields }[] {
  return readLog(readFileSync(path)).map((bytes) => {
    const fields = fieldsOf(bytes)
    const kind = [...fields.keys()].find((field) => field !== 1 && field < 100) ?? 0
    const [message] = messagesOf(fields, kind)
    return { kind, message: message ?? new Map<number, (number | Uint8Array)[]>() }
  })
}
