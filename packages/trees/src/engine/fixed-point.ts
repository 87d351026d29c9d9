/**
 * How derivatives become integers for one tree: each is multiplied by its scale and rounded to the nearest. Sums of any
 * rows then fit 31 bits, and are exact: they depend neither on the order of rows nor on threads.
 */
export interface Scale {
  readonly gradient: number
  readonly hessian: number
  /** The integer that every row's hessian becomes, where all are the same; else 0. */
  readonly rowHessian: number
  /** The largest integer that a row's hessian becomes. */
  readonly maxHessian: number
  /** One unit of gain in units of the loss: gains are g^2 / h. */
  readonly gain: number
}

const MAX_INTEGER = 2 ** 31 - 1
/** Scales stay numbers of 32 bits. */
const MAX_SCALE = 3e38

/**
 * The scales, but for the largest packed hessian, for derivatives with these sums of |g| and h over `rows` rows. `floor` is the smallest
 * gradient that is not taken for 0.
 */
export function scaleFor(
  sums: { readonly gradient: number; readonly hessian: number },
  rows: number,
  floor: number,
  equalHessian: number | undefined,
): Omit<Scale, 'maxHessian'> {
  const room = 0.999 * (MAX_INTEGER - rows)
  const gradient = Math.min(Math.fround(room / Math.max(sums.gradient, 1e-30)), 1 / floor)
  const hessian = Math.fround(Math.min(MAX_SCALE, room / Math.max(sums.hessian, 1e-30)))
  const rowHessian = equalHessian === undefined ? 0 : Math.max(1, nearest(Math.fround(equalHessian * hessian)))
  return { gradient: Math.fround(gradient), hessian, rowHessian, gain: hessian / gradient ** 2 }
}

/** To the nearest integer, ties to even, as the kernel rounds. */
export function nearest(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
