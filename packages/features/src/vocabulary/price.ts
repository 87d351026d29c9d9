/**
 * Comparison of prices. Decimal cents are not exact in binary (500 + 0.1 is not the float 500.1), so distances that
 * differ by less than a millionth of a cent count as equal.
 */

/** Dollars within which two prices are the same. */
export const PRICE_EPSILON = 1e-8

/** Whether `distance` is at most `limit`. NaN is not. */
export function within(distance: number, limit: number): boolean {
  return distance <= limit + PRICE_EPSILON
}

/** Whether `distance` is at least `limit`. NaN is not. */
export function reaches(distance: number, limit: number): boolean {
  return distance >= limit - PRICE_EPSILON
}

/** A price in dollars with as many decimals as it needs, at least two and at most four. */
export function priceText(price: number): string {
  const decimals = [2, 3].find((count) => Math.abs(Number(price.toFixed(count)) - price) < PRICE_EPSILON) ?? 4
  return price.toFixed(decimals)
}
