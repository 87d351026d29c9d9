import type { OpenFile } from './file-system.ts'

/** Writes all of the bytes, however few the system takes at a time. Throws where it takes none, or more than it was given. */
export async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  let rest = bytes
  while (rest.length > 0) {
    const taken = await file.write(rest)
    if (!(taken > 0 && taken <= rest.length)) {
      throw new Error(`the system took ${taken} of ${rest.length} bytes and reported no fault`)
    }
    rest = rest.subarray(taken)
  }
}
