import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'

/** A line of a CSV file with another number of cells than its header. */
export interface RaggedLine {
  /** From 1, the header's. */
  readonly line: number
  readonly cells: number
  readonly headerCells: number
}

const DELIMITERS = [',', ';', '\t', '|'] as const

/** Cells of a line; a delimiter within quotes separates nothing. */
function countCells(text: string, delimiter: string): number {
  let cells = 1
  let isQuoted = false
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted
    else if (character === delimiter && !isQuoted) cells += 1
  }
  return cells
}

/**
 * The first line with another number of cells than the header, or null; the delimiter is that of `,`, `;`, tab and `|` which
 * the header holds most. Empty lines do not count. For files that could not be read: cells that go over several lines are
 * not known here.
 */
export async function findRaggedLine(path: string): Promise<RaggedLine | null> {
  const file = createReadStream(path)
  const input = path.toLowerCase().endsWith('.gz') ? file.pipe(createGunzip()) : file
  let line = 0
  let delimiter = ','
  let headerCells = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1
      if (text.trim() === '') continue
      if (headerCells === 0) {
        delimiter = DELIMITERS.toSorted((a, b) => countCells(text, b) - countCells(text, a))[0] ?? ','
        headerCells = countCells(text, delimiter)
        continue
      }
      const cells = countCells(text, delimiter)
      if (cells !== headerCells) return { line, cells, headerCells }
    }
    return null
  } finally {
    file.destroy()
  }
}
