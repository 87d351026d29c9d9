/** Decimal cents are not exact in binary: distances that differ by less than a millionth of a cent are the same. */
export const PRICE_EPSILON = 1e-8

/** Whether `distance` is at most `band`. */
export function within(distance: number, band: number): boolean {
  return distance <= band + PRICE_EPSILON
}

/** Whether `distance` is at least `threshold`. */
export function reaches(distance: number, threshold: number): boolean {
  return distance >= threshold - PRICE_EPSILON
}
