import { BYTES, kernelMemory } from './kernel/load.ts'

/** Rows of values by question and drift, of which a tilt asks two sums a question. */
export interface DriftRows {
  /** 'wasm' where the kernel runs, else 'plain'. The answers are the same bits. */
  readonly kernel: 'wasm' | 'plain'
  /** `[(row * questions + h) * drifts + g]`, to be written by the caller. */
  readonly values: Float32Array
  /** Two factors of each drift, one after the other, to be written before a row is summed. */
  readonly pairs: Float64Array
  /** Of the row that was summed last: both sums of each question, one after the other. */
  readonly sums: Float64Array
  /** Sums the values of each question of a row times the first and times the second factor of their drifts. O(questions x drifts). */
  readonly sumRow: (row: number) => void
}

/** So many rows of zeros. Takes 4 bytes a value. */
export function driftRows(
  rows: number,
  questions: number,
  drifts: number,
  { kernel: wanted = 'wasm' }: { readonly kernel?: DriftRows['kernel'] } = {},
): DriftRows {
  const sumsAt = 2 * drifts * BYTES.float64
  const valuesAt = sumsAt + 2 * questions * BYTES.float64
  const stride = questions * drifts
  const bytes = valuesAt + rows * stride * BYTES.float32
  const { buffer, kernel } = kernelMemory(bytes, wanted)
  const values = new Float32Array(buffer, valuesAt, rows * stride)
  const pairs = new Float64Array(buffer, 0, 2 * drifts)
  const sums = new Float64Array(buffer, sumsAt, 2 * questions)
  if (kernel === undefined) return { kernel: 'plain', values, pairs, sums, sumRow: plainly(values, pairs, sums) }
  const { tilt } = kernel
  const sumRow = (row: number): void => tilt(valuesAt + row * stride * BYTES.float32, questions, drifts, 0, sumsAt)
  return { kernel: 'wasm', values, pairs, sums, sumRow }
}

/** What the kernel's `tilt` does, in its order. */
function plainly(values: Float32Array, pairs: Float64Array, sums: Float64Array): DriftRows['sumRow'] {
  return (row) => {
    let at = row * (sums.length / 2) * (pairs.length / 2)
    for (let i = 0; i < sums.length; i += 2) {
      let first = 0
      let second = 0
      for (let j = 0; j < pairs.length; j += 2, at++) {
        const value = values[at] as number
        first += (pairs[j] as number) * value
        second += (pairs[j + 1] as number) * value
      }
      sums[i] = first
      sums[i + 1] = second
    }
  }
}
