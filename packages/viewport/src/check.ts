/** Throws unless `value` lies in [low, high]; NaN does not. `hint` names the likely mistake. */
export function checkWithin(
  argument: string,
  value: number,
  [low, high]: readonly [number, number],
  hint: string,
): void {
  if (value >= low && value <= high) return
  throw new RangeError(`viewport: ${argument}=${value}: must lie in [${low}, ${high}]. ${hint}`)
}

/** Throws unless `value` is a finite number. */
export function checkFinite(argument: string, value: number, hint: string): void {
  if (Number.isFinite(value)) return
  throw new RangeError(`viewport: ${argument}=${value}: must be a finite number. ${hint}`)
}

/** `value` kept in [low, high]. */
export const kept = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
