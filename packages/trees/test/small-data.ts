import type { BinnedMatrix, Head, Matrix } from '@breakwater/trees'
import * as fc from 'fast-check'

/** Values that small matrices are made of: few, so that ties occur; NaN and infinities among them. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 3, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 2, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity, 0, -0, 1.401298464324817e-45) },
)

/** A small matrix with missing values, infinities and many ties. */
export const smallMatrix: fc.Arbitrary<Matrix> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 8, max: 40 }))
  .chain(([columns, rows]) =>
    fc
      .array(value, { minLength: columns * rows, maxLength: columns * rows })
      .map((values) => matrixOf(columns, rows, values)),
  )

/** A matrix with columns c0, c1, ... from column-major values. */
export function matrixOf(columns: number, rows: number, values: ArrayLike<number>): Matrix {
  return { columns: Array.from({ length: columns }, (_, c) => `c${c}`), rows, values: Float32Array.from(values) }
}

/** A head on a matrix of this many rows: random labels, masks and weights (zero among them). */
function smallHead(rows: number): fc.Arbitrary<Head> {
  const column = <T>(entry: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(entry, { minLength: rows, maxLength: rows })
  return fc
    .record({
      objective: fc.constantFrom('logistic' as const, 'squared' as const),
      binary: column(fc.constantFrom(0, 1)),
      real: column(fc.integer({ min: -1000, max: 1000 }).map((x) => x / 128)),
      train: column(fc.constantFrom(1, 1, 1, 0)),
      weights: fc.option(column(fc.constantFrom(0, 0.5, 1, 1, 2, 3.25))),
    })
    .map(({ objective, binary, real, train, weights }) => ({
      name: 'small',
      objective,
      labels: Float32Array.from(objective === 'logistic' ? binary : real),
      train: Uint8Array.from(train),
      ...(weights?.some((w, r) => w > 0 && train[r] === 1) ? { weights: Float32Array.from(weights) } : {}),
    }))
}

/** A matrix with a head on it. */
export const smallProblem: fc.Arbitrary<{ matrix: Matrix; head: Head }> = smallMatrix.chain((matrix) =>
  smallHead(matrix.rows).map((head) => ({ matrix, head })),
)

/** The cuts of each column of a binned matrix. */
export function cutsOf(binned: BinnedMatrix): Float32Array[] {
  return binned.columns.map((_, c) => binned.cuts.slice(binned.cutStart[c], binned.cutStart[c + 1]))
}
