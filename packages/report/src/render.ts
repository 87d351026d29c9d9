import type { Evaluation } from '@breakwater/evaluation'

/**
 * One HTML page that shows an evaluation: self-contained, without script or network, for wide and narrow windows,
 * light, dark and print. The same evaluation gives the same bytes. Everything read from data is escaped. The charting
 * library is loaded by the first call: whoever renders no page does not wait for it.
 */
export async function renderReport(evaluation: Evaluation): Promise<string> {
  const { pageOf } = await import('./page.ts')
  return pageOf(evaluation)
}
