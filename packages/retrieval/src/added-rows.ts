import { FILTER_NAMES, type FilterName } from './index-data.ts'
import { type CodedWords, type Matrix, type Outcomes, REACH_NAMES, type ReachName, type RowMetadata } from './input.ts'
import { type Normaliser, normaliseRow } from './normalise.ts'

/** One row that is added to an index. */
export interface AddedRow {
  /** Its place among all rows: the order of equal distances. */
  readonly sequence: number
  readonly id: string
  readonly vector: Float32Array
  readonly filters: Readonly<Record<FilterName, string | null>>
  readonly tsNs: bigint
  readonly resolvedNs: bigint
  readonly episode: string | null
  readonly session: string | null
  readonly outcome: number
  readonly tradeable2: number
  readonly strengthSigned: number
  readonly strengthAbs: number
  readonly observed: number
  readonly times: Readonly<Record<ReachName, number>>
}

/** The rows of an input that was checked, normalised. */
export function addedRows(
  normaliser: Normaliser,
  matrix: Matrix,
  outcomes: Outcomes,
  metadata: RowMetadata,
): Omit<AddedRow, 'sequence'>[] {
  return Array.from({ length: matrix.rows }, (_, row) => {
    const vector = new Float32Array(normaliser.kept.length)
    normaliseRow(normaliser, matrix.values, row, matrix.rows, vector, 0)
    return {
      id: metadata.eventIds[row] as string,
      vector,
      filters: Object.fromEntries(FILTER_NAMES.map((name) => [name, word(metadata[name], row)])) as AddedRow['filters'],
      tsNs: metadata.tsNs[row] as bigint,
      resolvedNs: metadata.resolvedNs[row] as bigint,
      episode: word(metadata.episode, row),
      session: word(metadata.session, row),
      outcome: outcomes.outcome[row] as number,
      tradeable2: outcomes.tradeable2[row] as number,
      strengthSigned: outcomes.strengthSigned[row] as number,
      strengthAbs: outcomes.strengthAbs[row] as number,
      observed: outcomes.observed[row] as number,
      times: Object.fromEntries(REACH_NAMES.map((name) => [name, outcomes.times[name][row]])) as AddedRow['times'],
    }
  })
}

const word = ({ codes, dictionary }: CodedWords, row: number): string | null => dictionary[codes[row] as number] ?? null
