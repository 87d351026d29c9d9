import type { Evaluation } from '@breakwater/evaluation'
import type { CheckedBars } from './bars-page.ts'

/**
 * One HTML page that shows an evaluation: self-contained, without script or network, for wide and narrow windows,
 * light, dark and print. The same evaluation gives the same bytes. Everything read from data is escaped. The charting
 * library is loaded by the first call: whoever renders no page does not wait for it.
 */
export async function renderReport(evaluation: Evaluation): Promise<string> {
  const { pageOf } = await import('./page.ts')
  return pageOf(evaluation)
}

/**
 * One HTML page that shows bars, with what was found wrong with them marked on their prices, as self-contained as that of an
 * evaluation. The same bars and findings give the same bytes.
 */
export async function renderBarsPage(checked: CheckedBars): Promise<string> {
  const { barsPageOf } = await import('./bars-page.ts')
  return barsPageOf(checked)
}
