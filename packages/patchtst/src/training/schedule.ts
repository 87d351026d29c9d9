import type { ScheduleKind } from '../options.ts'

/** A learning rate for every step of a plan. */
export interface Schedule {
  readonly kind: ScheduleKind
  /** The highest rate. */
  readonly peak: number
  /** All steps. */
  readonly steps: number
  /** Share of the steps in which the rate rises, in [0, 1). */
  readonly warmup: number
}

const ONE_CYCLE_START = 25
const ONE_CYCLE_END = 25e4

/**
 * The learning rate of step `step` (0 for the first). 'constant' and 'cosine' rise in a line from peak / rising steps; then
 * stay, or fall along half a cosine to 0. 'one-cycle' rises along half a cosine from peak / 25 and falls to peak / 250000
 * (Smith and Topin 2018, as PyTorch has it).
 */
export function learningRateAt({ kind, peak, steps, warmup }: Schedule, step: number): number {
  if (kind === 'one-cycle') {
    const top = warmup * steps - 1
    if (step <= top) return cosine(peak / ONE_CYCLE_START, peak, top <= 0 ? 1 : step / top)
    return cosine(peak, peak / ONE_CYCLE_END, (step - top) / Math.max(1, steps - 1 - top))
  }
  const rising = Math.floor(warmup * steps)
  if (step < rising) return (peak * (step + 1)) / rising
  return kind === 'constant' ? peak : cosine(peak, 0, (step - rising) / Math.max(1, steps - rising))
}

function cosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * Math.min(1, share)))
}
