/**
 * Volatility of one regular minute over the session's mean, by minutes since 09:30: 1.35 at the open, 0.8 in the
 * middle, 1.2 at the close. `length` is the session's length in minutes (390, or 210 on a half day).
 */
export function volatilityShape(minute: number, length: number): number {
  const passed = minute / length
  return 0.8 + 0.55 * Math.max(0, 1 - 3 * passed) ** 2 + 0.4 * Math.max(0, 1 - 4 * (1 - passed)) ** 2
}

/** Typical volume of one regular minute, shares: 165,000 at the open, 72,000 at noon, 250,000 before the close. */
export function volumeShape(minute: number, length: number): number {
  const passed = minute / length
  return 72_000 + 95_000 * Math.max(0, 1 - 2.2 * passed) ** 2 + 180_000 * Math.max(0, 1 - 8 * (1 - passed)) ** 2
}

/** Chance that a pre-market minute trades at all: 0.45 before 07:00 New York, 0.85 until 08:00, then 0.98. */
export function preMarketActivity(minute: number): number {
  if (minute < 180) return 0.45
  return minute < 240 ? 0.85 : 0.98
}

/** Typical volume of a pre-market minute that trades, shares: 400 rising to 5,750. */
export function preMarketVolume(minute: number): number {
  return 400 + 5_350 * Math.max(0, (minute - 150) / 180) ** 2
}
