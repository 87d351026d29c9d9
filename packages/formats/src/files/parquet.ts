import type { OpenFile } from './file-system.ts'

const MAGIC = 'PAR1'
/** The footer's length and the magic at the end. */
const TAIL = 8
/** Magic at both ends, and the length. */
const MIN_BYTES = MAGIC.length + TAIL

/**
 * What is wrong with the outline of a Parquet file, or null: it begins and ends with `PAR1`, and the footer, whose length
 * stands before the last four bytes, lies within it. A file cut short anywhere fails this, for the footer is written last.
 */
export async function parquetFault(file: Pick<OpenFile, 'read' | 'size'>): Promise<string | null> {
  const size = await file.size()
  if (size < MIN_BYTES) return `${size} bytes are too few for a Parquet file`
  const head = await file.read(0, MAGIC.length)
  const tail = await file.read(size - TAIL, TAIL)
  if (textOf(head) !== MAGIC) return `it does not begin with ${MAGIC}`
  if (textOf(tail.subarray(TAIL - MAGIC.length)) !== MAGIC) return `it does not end with ${MAGIC}`
  const footer = new DataView(tail.buffer, tail.byteOffset, TAIL).getUint32(0, true)
  return footer <= size - MIN_BYTES ? null : `its footer would be ${footer} bytes of ${size}`
}

const textOf = (bytes: Uint8Array): string => String.fromCodePoint(...bytes)
