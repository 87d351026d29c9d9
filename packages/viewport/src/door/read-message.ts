import { isObject } from './incoming.ts'
import type { SnapshotLimits } from './limits.ts'

/** Why a message holds no snapshot: no JSON object in UTF-8, more bytes than allowed, nested more deeply than allowed. */
export type MessageFault = 'malformed' | 'too_large' | 'too_deep'

/** The object in a message, or why there is none. */
export type Message =
  { readonly value: object; readonly fault?: undefined } | { readonly fault: MessageFault; readonly message: string }

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The JSON object in a message from outside. Size and depth are checked before anything is parsed. O(bytes). */
export function readMessage(data: Uint8Array, { maxBytes, maxDepth }: SnapshotLimits): Message {
  if (data.length > maxBytes) {
    return { fault: 'too_large', message: `has ${data.length} bytes, and ${maxBytes} are allowed` }
  }
  if (isDeeper(data, maxDepth)) return { fault: 'too_deep', message: `is nested more than ${maxDepth} deep` }
  try {
    const value: unknown = JSON.parse(decoder.decode(data))
    if (isObject(value)) return { value }
  } catch {
    // Told below, like JSON that is not an object.
  }
  return { fault: 'malformed', message: 'is not a JSON object' }
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

/** Whether brackets outside texts ever stand more than `max` deep. Bytes of UTF-8 beyond ASCII are none of them. */
function isDeeper(data: Uint8Array, max: number): boolean {
  let depth = 0
  let isText = false
  for (let i = 0; i < data.length; i++) {
    const byte = data[i]
    if (isText) {
      if (byte === BACKSLASH) i += 1
      else if (byte === QUOTE) isText = false
    } else if (byte === QUOTE) isText = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1
      if (depth > max) return true
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1
  }
  return false
}
