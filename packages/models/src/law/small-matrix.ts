// Square matrices of a few rows, row by row in one array.

/** a b. O(size^3). */
export function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0
      for (let k = 0; k < size; k++) sum += (a[i * size + k] as number) * (b[k * size + j] as number)
      out[i * size + j] = sum
    }
  }
  return out
}

/** The inverse of a symmetric positive definite matrix, by Gauss and Jordan without pivots, which it needs none of. */
export function inverse(matrix: Float64Array, size: number): Float64Array {
  const rest = matrix.slice()
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) out[i * (size + 1)] = 1
  for (let i = 0; i < size; i++) {
    const pivot = rest[i * (size + 1)] as number
    // The pivot's row last: the others subtract it as it was.
    for (let next = 1; next <= size; next++) {
      const row = (i + next) % size
      const share = row === i ? 1 - 1 / pivot : (rest[row * size + i] as number) / pivot
      for (const each of [rest, out]) {
        for (let j = 0; j < size; j++)
          each[row * size + j] = (each[row * size + j] as number) - share * (each[i * size + j] as number)
      }
    }
  }
  return out
}

/** n / (n - 1) x sum over vectors of their outer squares about their mean: the covariance of their sum where they are independent. */
export function squareSum(vectors: readonly Float64Array[], size: number): Float64Array {
  const count = vectors.length
  const means = Float64Array.from(
    { length: size },
    (_, i) => vectors.reduce((sum, vector) => sum + (vector[i] as number), 0) / count,
  )
  const out = new Float64Array(size * size)
  for (const vector of vectors) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const square = ((vector[i] as number) - (means[i] as number)) * ((vector[j] as number) - (means[j] as number))
        out[i * size + j] = (out[i * size + j] as number) + (square * count) / Math.max(1, count - 1)
      }
    }
  }
  return out
}
