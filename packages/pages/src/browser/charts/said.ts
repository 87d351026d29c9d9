import { dollars, percent } from '../format.ts'
import type { FanBand, FanPoint } from './fan.ts'
import type { ChartLevel } from './price-chart.ts'

/** The lines of a level, and of the thresholds on both sides of it. */
export function levelAnd(price: number, kind: string, thresholds: readonly number[]): readonly ChartLevel[] {
  return [
    { price, title: kind, style: 'chosen' },
    ...thresholds.flatMap((far) => [
      { price: price + far, title: `+$${far}`, style: 'faint' as const },
      { price: price - far, title: `−$${far}`, style: 'faint' as const },
    ]),
  ]
}

/** A fan in words: it is drawn on a canvas. `sign` is +1 where a break goes up. */
export function fanText(bands: readonly FanBand[], level: number, sign: 1 | -1): string {
  const end = (points: readonly FanPoint[]): string[] => {
    const last = points.at(-1)
    return last === undefined ? [] : [dollars(level + sign * last.displacement)]
  }
  const seconds = bands.flatMap(({ beyond, back }) => [...beyond, ...back]).at(-1)?.seconds
  const parts = bands.flatMap(({ probability, beyond, back }) => {
    const ends = [...end(beyond), ...end(back)]
    return ends.length === 0 ? [] : [`${percent(probability)}: ${ends.join(' and ')}`]
  })
  if (parts.length === 0 || seconds === undefined) return 'No reach probabilities for this target.'
  return `Prices reached within ${seconds} s with a probability of ${parts.join('; ')}. Between the thresholds the published probabilities are interpolated.`
}
