/** A pin: all levels of a kind, or the one at a price. */
export interface Pin {
  readonly kind: string
  /** Dollars; matches to half a cent. */
  readonly price?: number
}

/** Pins that are held until they are taken away, whatever levels come and go. */
export interface PinBoard {
  add(pin: Pin): void
  /** False where there was none like it. */
  remove(pin: Pin): boolean
  /** Whether a level is pinned. */
  holds(kind: string, price: number): boolean
  /** In the order in which they came. */
  list(): readonly Pin[]
}

const HALF_CENT = 0.005

/** A board with these pins. Throws RangeError, as `add` does, on an empty kind and on a price that is not above 0. */
export function pinBoard(pins: readonly Pin[] = []): PinBoard {
  let held: readonly Pin[] = []
  const add = (pin: Pin): void => {
    checkPin(pin)
    if (!held.some((one) => isLike(one, pin))) held = [...held, { ...pin }]
  }
  for (const pin of pins) add(pin)
  return {
    add,
    remove(pin) {
      checkPin(pin)
      const kept = held.filter((one) => !isLike(one, pin))
      const removed = kept.length < held.length
      held = kept
      return removed
    },
    holds: (kind, price) =>
      held.some((pin) => pin.kind === kind && (pin.price === undefined || Math.abs(pin.price - price) <= HALF_CENT)),
    list: () => held,
  }
}

function isLike(a: Pin, b: Pin): boolean {
  if (a.kind !== b.kind) return false
  if (a.price === undefined || b.price === undefined) return a.price === b.price
  return Math.abs(a.price - b.price) <= HALF_CENT
}

function checkPin({ kind, price }: Pin): void {
  if (typeof kind !== 'string' || kind === '') {
    throw new RangeError(`viewport: pin.kind=${JSON.stringify(kind)}: must be the name of a level kind, such as ROUND.`)
  }
  if (price !== undefined && !(price > 0 && price < Infinity)) {
    throw new RangeError(`viewport: pin.price=${price}: must be a price above 0. Leave it out to pin every ${kind}.`)
  }
}
