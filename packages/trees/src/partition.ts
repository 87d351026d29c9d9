/** The rows of a tree in node order, with scratch space of the same length for moving them. Written by partition. */
export interface RowOrder {
  readonly order: Int32Array
  readonly gradients: Float64Array
  readonly hessians: Float64Array
  readonly spareOrder: Int32Array
  readonly spareGradients: Float64Array
  readonly spareHessians: Float64Array
}

/** The question a split asks, in bins. */
export interface BinQuestion {
  /** Codes of the column: row r has `codes[r]`. */
  readonly codes: Uint8Array
  /** The last bin that goes left. */
  readonly bin: number
  /** The code that means missing. */
  readonly missing: number
  readonly missingLeft: boolean
}

/** Space for trees of at most `rows` rows. */
export function createRowOrder(rows: number): RowOrder {
  return {
    order: new Int32Array(rows),
    gradients: new Float64Array(rows),
    hessians: new Float64Array(rows),
    spareOrder: new Int32Array(rows),
    spareGradients: new Float64Array(rows),
    spareHessians: new Float64Array(rows),
  }
}

/**
 * Moves the entries `from` to `to` (exclusive) so that those that go left come first; both sides keep their order.
 * Returns where the right side begins. Cost: linear.
 */
export function partition(rows: RowOrder, from: number, to: number, question: BinQuestion): number {
  const { order, gradients, hessians, spareOrder, spareGradients, spareHessians } = rows
  const { codes, bin, missing, missingLeft } = question
  let left = from
  let right = 0
  for (let i = from; i < to; i++) {
    const row = order[i] as number
    const code = codes[row] as number
    const goesLeft = code === missing ? missingLeft : code <= bin
    if (goesLeft) {
      order[left] = row
      gradients[left] = gradients[i] as number
      hessians[left] = hessians[i] as number
      left++
    } else {
      spareOrder[right] = row
      spareGradients[right] = gradients[i] as number
      spareHessians[right] = hessians[i] as number
      right++
    }
  }
  order.set(spareOrder.subarray(0, right), left)
  gradients.set(spareGradients.subarray(0, right), left)
  hessians.set(spareHessians.subarray(0, right), left)
  return left
}
