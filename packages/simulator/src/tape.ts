import type { RandomStream } from './random.ts'

/** Trades near the price in one minute; known at its end. */
export interface Tape {
  /** Noise that persists over minutes and blurs what the tape shows of demand. */
  readonly blur: number
  /** `tape_buy_vol` and `tape_sell_vol`, whole shares, each at least 1. */
  readonly buyVolume: number
  readonly sellVolume: number
  /** `tape_velocity`: planted noise, $/s, standard deviation 0.2. */
  readonly velocity: number
  /** `sweep_detected`, in 2% of minutes, at random. */
  readonly sweep: boolean
}

/** No trades yet. */
export const QUIET_TAPE: Tape = { blur: 0, buyVolume: 1, sellVolume: 1, velocity: 0, sweep: false }

/**
 * The tape of the minute in which `volume` shares traded under `demand`: 15% to 35% of them count as near the price,
 * and the bought share is (1 + tanh(demand + blur / 2)) / 2. Demand of this minute, never a later price.
 */
export function nextTape(previous: Tape, demand: number, volume: number, random: RandomStream): Tape {
  const blur = 0.5 * previous.blur + Math.sqrt(0.75) * random.normal()
  const near = volume * (0.15 + 0.2 * random.uniform())
  const lean = Math.tanh(demand + 0.5 * blur)
  return {
    blur,
    buyVolume: Math.max(1, Math.round((near * (1 + lean)) / 2)),
    sellVolume: Math.max(1, Math.round((near * (1 - lean)) / 2)),
    velocity: 0.7 * previous.velocity + 0.2 * Math.sqrt(0.51) * random.normal(),
    sweep: random.uniform() < 0.02,
  }
}

/** `tape_imbalance` = (buy - sell) / (buy + sell), in (-1, 1). */
export function tapeImbalance(tape: Tape): number {
  return (tape.buyVolume - tape.sellVolume) / (tape.buyVolume + tape.sellVolume)
}
