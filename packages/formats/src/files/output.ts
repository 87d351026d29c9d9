import { fstatSync, writeSync } from 'node:fs'
import { writeFailure } from './failure.ts'

/** A stream over a descriptor, such as `process.stdout`. */
export interface OutputStream {
  readonly fd: number
  readonly isTTY?: boolean | undefined
  readonly write: (text: string) => boolean
}

/**
 * A function that writes all of a text to an output. Where the output is a file or a device the text is there when it
 * returns, and it throws where the system does not take all of it: Node's own stream writes once and ignores a short
 * count. Pipes and terminals go through the stream, whose `error` event reports their failures ({@link outputFailure}).
 */
export function outputOf(
  stream: OutputStream,
  name: string,
  write: typeof writeSync = writeSync,
): (text: string) => void {
  const stats = fstatSync(stream.fd)
  const direct = stats.isFile() || (stats.isCharacterDevice() && stream.isTTY !== true)
  if (!direct) return (text) => void stream.write(text)
  return (text) => {
    try {
      writeAllSync(stream.fd, new TextEncoder().encode(text), write)
    } catch (cause) {
      throw outputFailure(name, cause)
    }
  }
}

function writeAllSync(fd: number, bytes: Uint8Array, write: typeof writeSync): void {
  for (let at = 0; at < bytes.length;) {
    const taken = write(fd, bytes, at, bytes.length - at)
    if (!(taken > 0)) throw new Error(`the system took ${taken} of ${bytes.length - at} bytes and reported no fault`)
    at += taken
  }
}

/** The error for an output that takes no more. */
export const outputFailure = (name: string, cause: unknown): Error =>
  writeFailure({ path: name, deed: 'written', state: 'what was printed is cut short' }, cause)
