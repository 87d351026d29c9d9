import { type Anchor, ANCHOR_SECONDS, headName, type Matrix, numbersOf, parseHeadName } from '@breakwater/features'
import { importance } from '@breakwater/trees'
import { takeTable } from '../rows.ts'
import { type LawSignals, momentsAt } from './at-anchors.ts'
import { featuresAtMoments } from './columns.ts'
import { preparePath } from './forecast.ts'
import type { FoldLaw } from './forecaster.ts'

/** Which moments a tilt is studied at. */
export interface TiltStudyRequest {
  readonly signals: LawSignals
  readonly anchor: Anchor
  /** Rows of the signals: non-zero bytes. */
  readonly rows: Uint8Array
}

/** What a law's tilt makes of moments when it is shown other values than theirs. */
export interface TiltStudy {
  /** Row of the signals of each moment, those whose price is known. */
  readonly rows: Int32Array
  /** Features, and numbers of the moment, that the tilt's trees split on, by falling gain; a category is one feature. */
  readonly columns: readonly string[]
  /**
   * For each `from` forecasts by head at the anchor, one value a moment, where the tilt sees the named columns of moment `from[i]` in place of
   * those of moment i. Volatility and where price stands stay those of moment i, so the law without its tilt does not move.
   */
  readonly forecast: (
    swapped: readonly string[],
    from: readonly ArrayLike<number>[],
  ) => ReadonlyMap<string, Float64Array>[]
}

/** Prepares to study the tilt of a law; null where it has none. Throws as `forecastAnchors` does. Cost: that of a forecast of its moments, each time. */
export function studyTilt(
  { path, features }: Pick<FoldLaw, 'path' | 'features'>,
  { signals, anchor, rows }: TiltStudyRequest,
): TiltStudy | null {
  if (path.tilt === null) return null
  const all = momentsAt(signals, [anchor], path.volatility.profile)
  const [elapsed, moved] = [numbersOf(all.table, 'elapsed_s'), numbersOf(all.table, 'moved')]
  const chosen = Int32Array.from(all.touchRows.keys()).filter(
    (i) => rows[all.touchRows[i] as number] !== 0 && elapsed[i] === ANCHOR_SECONDS[anchor] && Number.isFinite(moved[i]),
  )
  const moments = {
    table: takeTable(all.table, chosen),
    touchRows: chosen.map((i) => all.touchRows[i] as number),
  }
  const inputs = features === null ? undefined : featuresAtMoments({ signals: signals.table, moments, features })
  const names = features?.encoder.encodings.map(({ name }) => name) ?? []
  const featureOf = (column: string): string =>
    names.find((name) => name === column || column.startsWith(`${name}=`)) ?? column
  const forecast = preparePath(path, moments.table, inputs)
  const used = importance(path.tilt).filter(({ count }) => count > 0)
  return {
    rows: moments.touchRows,
    columns: [...new Set(used.map(({ column }) => featureOf(column)))],
    forecast: (swapped, from) => {
      const asked = new Set(swapped)
      const made = forecast(
        from.map((places) => (matrix) => withRowsOf(matrix, (column) => asked.has(featureOf(column)), places)),
      )
      return made.map(
        ({ columns }) =>
          new Map(
            [...columns].flatMap(([name, values]) => {
              const head = parseHeadName(name)
              return head === null ? [] : [[headName(head.question, anchor), values] as const]
            }),
          ),
      )
    },
  }
}

/** A matrix whose chosen columns hold the values of other rows. */
function withRowsOf(matrix: Matrix, isChosen: (column: string) => boolean, from: ArrayLike<number>): Matrix {
  const { columns, rows } = matrix
  const values = Float32Array.from(matrix.values)
  for (const [c, column] of columns.entries()) {
    if (!isChosen(column)) continue
    for (let row = 0; row < rows; row++) {
      values[c * rows + row] = matrix.values[c * rows + (from[row] as number)] as number
    }
  }
  return { columns, rows, values }
}
