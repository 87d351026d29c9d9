/** Throws unless a number is an integer of at least `least`. */
export function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new RangeError(`patchtst: ${name}=${value}: must be an integer of at least ${least}.`)
}

/** Throws unless a number lies in [low, high), or in (low, high) where `open`. */
export function checkRange(name: string, value: number, low: number, high: number, open = false): void {
  if (value < high && (open ? value > low : value >= low)) return
  const range = `${open ? '(' : '['}${low}, ${high})`
  throw new RangeError(`patchtst: ${name}=${value}: must lie in ${range}.`)
}

/** Throws unless a value is one of a list. */
export function checkOneOf(name: string, value: string, list: readonly string[]): void {
  if (list.includes(value)) return
  throw new RangeError(`patchtst: ${name}=${value}: must be one of ${list.join(', ')}.`)
}
