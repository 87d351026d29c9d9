import { crc32 } from 'node:zlib'
import { createAppender } from '@breakwater/formats/node'

const BLOCK = 32_768
const CHUNK_HEADER = 7
/** ":W&B", then 0xBEE1 little-endian, then version 0. */
const FILE_HEADER = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00)
const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4

/**
 * The bytes that append one record to a log that is `position` bytes long, in LevelDB's log format as W&B uses it:
 * blocks of 32,768 bytes from the start of the file; chunks of u32 CRC-32 (IEEE, over type and data), u16 length, u8
 * type, data, little-endian; a block's last bytes are 0 where no chunk header fits.
 */
function logChunks(position: number, record: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  let at = position
  let start = 0
  let first = true
  for (let last = false; !last;) {
    const left = BLOCK - (at % BLOCK)
    if (left < CHUNK_HEADER) {
      parts.push(new Uint8Array(left))
      at += left
      continue
    }
    // Where only a header fits, the chunk is empty and the record continues in the next block.
    const end = Math.min(record.length, start + left - CHUNK_HEADER)
    last = end === record.length
    parts.push(chunk(record.subarray(start, end), typeOf(first, last)))
    at += CHUNK_HEADER + end - start
    start = end
    first = false
  }
  return Buffer.concat(parts)
}

function typeOf(first: boolean, last: boolean): number {
  if (first) return last ? FULL : FIRST
  return last ? LAST : MIDDLE
}

function chunk(data: Uint8Array, type: number): Uint8Array {
  const bytes = Buffer.alloc(CHUNK_HEADER + data.length)
  bytes.set(data, CHUNK_HEADER)
  bytes.writeUInt8(type, 6)
  bytes.writeUInt16LE(data.length, 4)
  bytes.writeUInt32LE(crc32(bytes.subarray(6)), 0)
  return bytes
}

/** A .wandb file being written. */
export interface RunLog {
  /** Appends one record, whole or not at all; it is in the file when this resolves. */
  readonly append: (record: Uint8Array) => Promise<void>
  /** Brings the file to the disk and closes it. */
  readonly close: () => Promise<void>
}

/** Makes a .wandb file. Fails where there is one already. */
export async function createLog(path: string): Promise<RunLog> {
  const file = await createAppender(path, FILE_HEADER)
  let position = FILE_HEADER.length
  return {
    append: async (record) => {
      const bytes = logChunks(position, record)
      await file.append(bytes)
      position += bytes.length
    },
    close: file.close,
  }
}
