import type { Payload } from '../../session/payload.ts'
import type { ChartBar } from '../charts/price-chart.ts'

const MS_PER_MINUTE = 60_000

/**
 * Makes the bar of the minute that runs from the prices that the page has seen; null where the server has a bar of that
 * minute or a later one. A page that joins within a minute sees the rest of it.
 */
export function formingBar(): (payload: Payload, ended: readonly ChartBar[]) => ChartBar | null {
  let bar: ChartBar | null = null
  return ({ ts, spy: { spot } }, ended) => {
    const minute = Math.floor(ts / MS_PER_MINUTE)
    if (minute <= (ended.at(-1)?.minute ?? -Infinity)) return null
    bar =
      bar === null || bar.minute !== minute
        ? { minute, open: spot, high: spot, low: spot, close: spot }
        : { ...bar, high: Math.max(bar.high, spot), low: Math.min(bar.low, spot), close: spot }
    return bar
  }
}
