import { type FoldLaw, lawForecaster, type MomentNumbers } from './forecaster.ts'
import type { GoldenShift } from './golden.ts'

const GOLDEN_ROWS = 4
/** Exponentials may differ in their last bit between versions of the engine that runs them. */
const TOLERANCE = 1e-9

/** A few moments, evenly spread, with their shifts; none of a law that shifts nothing. */
export function goldenShifts(
  law: Pick<FoldLaw, 'path' | 'features'>,
  moments: readonly MomentNumbers[],
): GoldenShift[] {
  if (law.path.approach === null) return []
  const { tiltedAt } = lawForecaster(law)
  const step = Math.max(1, Math.floor(moments.length / GOLDEN_ROWS))
  const chosen = moments.filter((_, i) => i % step === 0).slice(0, GOLDEN_ROWS)
  return chosen.map((moment) => ({
    numbers: Array.from(moment.numbers, (value) => (Number.isFinite(value) ? value : null)),
    price: moment.price,
    shift: tiltedAt(moment, null)?.approach ?? 0,
  }))
}

/** Throws Error, naming `source`, where the law's shift of a golden moment is not the one that was written with it. */
export function checkShifts(
  law: Pick<FoldLaw, 'path' | 'features'>,
  golden: readonly GoldenShift[],
  source: string,
): void {
  if (law.path.approach === null) return
  const { tiltedAt } = lawForecaster(law)
  for (const [i, { numbers, price, shift }] of golden.entries()) {
    const moment = { numbers: numbers.map((value) => value ?? Number.NaN), price }
    const computed = tiltedAt(moment, null)?.approach ?? Number.NaN
    if (Math.abs(computed - shift) <= TOLERANCE) continue
    throw new Error(
      `models: ${source}: golden moment ${i} before a touch: its shift is ${computed} here and was ${shift} when written. Train again.`,
    )
  }
}
