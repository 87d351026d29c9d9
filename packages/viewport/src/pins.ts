/** A pin: all levels of a kind, or the one at a price. */
export interface Pin {
  readonly kind: string
  /** Dollars; matches to half a cent. */
  readonly price?: number
}
