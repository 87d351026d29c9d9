/** A sum with its standard error. */
interface SessionSum {
  readonly total: number
  readonly standardError: number
}

/** The sum of one value a session, and its error where sessions are independent: the square root of their number times their variance. */
export function sessionSum(values: readonly number[]): SessionSum {
  const total = values.reduce((sum, value) => sum + value, 0)
  const mean = total / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { total, standardError: Math.sqrt(values.length * variance) }
}
