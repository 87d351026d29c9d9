/** Strings one after another in UTF-8: string i is `bytes[offsets[i]]` to `bytes[offsets[i + 1]]`. A million stay one array. */
export interface PackedStrings {
  readonly bytes: Uint8Array
  /** One more than there are strings. */
  readonly offsets: Uint32Array
}

/** Packs strings in order. */
export function packStrings(strings: readonly string[]): PackedStrings {
  const encoder = new TextEncoder()
  const pieces = strings.map((text) => encoder.encode(text))
  const offsets = new Uint32Array(strings.length + 1)
  for (const [i, piece] of pieces.entries()) offsets[i + 1] = (offsets[i] as number) + piece.length
  const bytes = new Uint8Array(offsets.at(-1) as number)
  for (const [i, piece] of pieces.entries()) bytes.set(piece, offsets[i])
  return { bytes, offsets }
}

/** String `i`. */
function stringAt({ bytes, offsets }: PackedStrings, i: number): string {
  // slice copies out of memory that threads share, which TextDecoder refuses to read.
  return new TextDecoder().decode(bytes.slice(offsets[i], offsets[i + 1]))
}

/** Whether string `i` has exactly the bytes `wanted`. */
function isString({ bytes, offsets }: PackedStrings, i: number, wanted: Uint8Array): boolean {
  const start = offsets[i] as number
  if ((offsets[i + 1] as number) - start !== wanted.length) return false
  // From the end: ids of one day differ there.
  for (let b = wanted.length - 1; b >= 0; b--) if (bytes[start + b] !== wanted[b]) return false
  return true
}

/** The ids of stored rows, wherever they are kept. */
export interface RowIds {
  readonly at: (row: number) => string
  /** Whether a row has this id. */
  readonly matcher: (id: string) => (row: number) => boolean
}

/** The ids of an index. */
export function packedIds(ids: PackedStrings): RowIds {
  return {
    at: (row) => stringAt(ids, row),
    matcher: (id) => {
      const wanted = new TextEncoder().encode(id)
      return (row) => isString(ids, row, wanted)
    },
  }
}
