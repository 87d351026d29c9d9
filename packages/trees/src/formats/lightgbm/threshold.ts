const bits = new DataView(new ArrayBuffer(4))

/** The least 32-bit float above a 32-bit float; infinity for itself. */
function nextUp(x: number): number {
  if (x === Infinity) return x
  if (x === 0) return 2 ** -149
  bits.setFloat32(0, x)
  bits.setInt32(0, bits.getInt32(0) + (x > 0 ? 1 : -1))
  return bits.getFloat32(0)
}

/** The greatest 32-bit float below a finite 32-bit float or infinity. */
const nextDown = (x: number): number => -nextUp(-x)

/**
 * The 32-bit threshold u for which x < u says the same as x <= t of every 32-bit x: the float after the greatest one that is
 * at most t. For t of the greatest float or more only x = Infinity lies beyond, and u is Infinity.
 */
export function strictThreshold(t: number): number {
  const rounded = Math.fround(t)
  return nextUp(rounded <= t ? rounded : nextDown(rounded))
}
