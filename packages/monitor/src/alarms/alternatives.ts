/**
 * One way in which a probability p may be off: the truth is q with logit q = shift + slope logit p. A slope below 1 says that
 * forecasts are too sure, above 1 that they are not sure enough.
 */
interface Alternative {
  readonly shift: number
  readonly slope: number
  /** Share of the stake that is put on it; shares add up to 1. */
  readonly share: number
}

const SHIFTS = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]
const SLOPES = [0.5, 0.7, 0.85, 1.2, 1.5, 2]
/** Share of the shifts together; the slopes have the rest. */
const SHIFTED = 0.75

/** The alternatives that a mixture is made of: shifts up and down, and slopes. */
export const ALTERNATIVES: readonly Alternative[] = [
  ...SHIFTS.flatMap((size) => [size, -size]).map((shift) => {
    return { shift, slope: 1, share: SHIFTED / (2 * SHIFTS.length) }
  }),
  ...SLOPES.map((slope) => ({ shift: 0, slope, share: (1 - SHIFTED) / SLOPES.length })),
]

/** Probabilities nearer to 0 or 1 count as this near: no outcome is taken as impossible. */
export const LEAST_PROBABILITY = 1e-4

const CELLS = 1024
const COUNT = ALTERNATIVES.length

/**
 * By cell of p and alternative: (q - p) / (p (1 - p)), what a likelihood ratio stakes on an outcome y, as a multiple of y - p.
 * It is taken at the middle of the cell: a stake may be any function of p without a change in what is fair.
 */
const STAKES: Float64Array = stakeTable()

function stakeTable(): Float64Array {
  const stakes = new Float64Array(CELLS * COUNT)
  for (let cell = 0; cell < CELLS; cell++) {
    const p = (cell + 0.5) / CELLS
    const logit = Math.log(p / (1 - p))
    for (const [k, { shift, slope }] of ALTERNATIVES.entries()) {
      const q = 1 / (1 + Math.exp(-(shift + slope * logit)))
      stakes[cell * COUNT + k] = (q - p) / (p * (1 - p))
    }
  }
  return stakes
}

/**
 * Adds the bets on one outcome, by alternative: what can be lost to `losses`, and to `gains` what outcome `y` brings (NaN:
 * nothing). `p` lies within (0, 1).
 */
export function addBets(p: number, y: number, weight: number, losses: Float64Array, gains: Float64Array): void {
  const at = Math.min(CELLS - 1, Math.floor(p * CELLS)) * COUNT
  const isAnswered = y === y
  const brought = weight * (y - p)
  for (let k = 0; k < COUNT; k++) {
    const stake = STAKES[at + k] as number
    losses[k] = (losses[k] as number) + weight * (stake > 0 ? stake * p : -stake * (1 - p))
    if (isAnswered) gains[k] = (gains[k] as number) + brought * stake
  }
}
