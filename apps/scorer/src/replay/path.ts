/**
 * Prices of a bar as a walk through them: open, the extreme that a bar of its direction likely met first, the other,
 * close.
 */
export interface BarPrices {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/**
 * Price at `share` of a bar's minute, in [0, 1]: linear from the open to the low at one third, to the high at two
 * thirds and to the close (a bar that falls meets its high first). A bar holds no more than this; the walk touches all
 * four prices.
 */
export function priceWithin({ open, high, low, close }: BarPrices, share: number): number {
  const rises = close >= open
  const corners = [open, rises ? low : high, rises ? high : low, close]
  const at = Math.max(0, Math.min(2, Math.floor(share * 3 - 1e-9)))
  const [from, to] = [corners[at] as number, corners[at + 1] as number]
  const part = share * 3 - at
  return Math.abs(part - 1) < 1e-9 ? to : from + (to - from) * part
}
