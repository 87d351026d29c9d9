import { BYTES, kernelMemory } from './kernel/load.ts'

/** Rows of as many values as there are experts, which are mixed again and again. */
export interface MixedRows {
  /** 'wasm' where the kernel runs, else 'plain'. The answers are the same bits. */
  readonly kernel: 'wasm' | 'plain'
  /**
   * Mixes every row, in order, by `weights`, one an expert, and adds to `sums` the row times its scale. `toScales` is given a run of rows,
   * `mixed[i]` being row `first + i` mixed, and writes their scales over them. O(rows x experts).
   */
  readonly addScaled: (
    weights: Float64Array,
    toScales: (first: number, mixed: Float64Array) => void,
    sums: Float64Array,
  ) => void
}

/** Writes the values of one row; what it leaves is 0. */
export type RowFiller = (row: number, values: Float32Array) => void

/** Values that are worked on at once: they stay in a processor's own memory. */
const BLOCK_VALUES = 32_768
/** The kernel takes four values at once. */
const LANES = 4
/** Rows to mix, each written by `fill`. Takes 4 bytes a value. */
export function mixedRows(
  rows: number,
  experts: number,
  fill: RowFiller,
  { kernel: wanted = 'wasm' }: { readonly kernel?: MixedRows['kernel'] } = {},
): MixedRows {
  const stride = Math.ceil(experts / LANES) * LANES
  const block = Math.max(1, Math.floor(BLOCK_VALUES / stride))
  const [weightsAt, sumsAt, mixedAt] = [0, stride * BYTES.float64, 2 * stride * BYTES.float64]
  const valuesAt = mixedAt + 2 * Math.ceil(block / 2) * BYTES.float64
  const bytes = valuesAt + rows * stride * BYTES.float32
  const { buffer, kernel } = kernelMemory(bytes, wanted)
  const values = new Float32Array(buffer, valuesAt, rows * stride)
  const ownWeights = new Float64Array(buffer, weightsAt, stride)
  const ownSums = new Float64Array(buffer, sumsAt, stride)
  const mixed = new Float64Array(buffer, mixedAt, block)
  for (let row = 0; row < rows; row++) fill(row, values.subarray(row * stride, row * stride + experts))
  return {
    kernel: kernel === undefined ? 'plain' : 'wasm',
    addScaled: (weights, toScales, sums) => {
      ownWeights.set(weights)
      ownSums.set(sums)
      for (let first = 0; first < rows; first += block) {
        const count = Math.min(block, rows - first)
        const at = valuesAt + first * stride * BYTES.float32
        if (kernel === undefined) mixPlain(values.subarray(first * stride), count, ownWeights, mixed)
        else kernel.mix(at, count, stride * BYTES.float32, weightsAt, mixedAt)
        toScales(first, mixed.subarray(0, count))
        if (kernel === undefined) addPlain(values.subarray(first * stride), count, mixed, ownSums)
        else kernel.add(at, count, stride * BYTES.float32, mixedAt, sumsAt)
      }
      sums.set(ownSums.subarray(0, experts))
    },
  }
}

/** What the kernel's `mix` does, in its order: every fourth value has a sum of its own. */
function mixPlain(values: Float32Array, rows: number, weights: Float64Array, out: Float64Array): void {
  const stride = weights.length
  for (let row = 0; row < rows; row++) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let k = 0, at = row * stride; k < stride; k += LANES, at += LANES) {
      a += (weights[k] as number) * (values[at] as number)
      b += (weights[k + 1] as number) * (values[at + 1] as number)
      c += (weights[k + 2] as number) * (values[at + 2] as number)
      d += (weights[k + 3] as number) * (values[at + 3] as number)
    }
    out[row] = a + c + (b + d)
  }
}

function addPlain(values: Float32Array, rows: number, scales: Float64Array, sums: Float64Array): void {
  const stride = sums.length
  for (let row = 0; row < rows; row++) {
    const scale = scales[row] as number
    const at = row * stride
    for (let k = 0; k < stride; k++) sums[k] = (sums[k] as number) + scale * (values[at + k] as number)
  }
}
