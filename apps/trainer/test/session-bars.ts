import type { Bars } from '@breakwater/features'
import { uniforms } from './seeded.ts'

const OPEN_NS = 1_709_735_400_000_000_000n // 2024-03-06 09:30 New York
const MINUTE_NS = 60_000_000_000n

/** A session of a price that wanders by up to half a dollar a minute. */
export function session(): Bars {
  const next = uniforms(8)
  const rows = 390
  const close = new Float64Array(rows)
  let price = 510
  for (let i = 0; i < rows; i++) close[i] = price = Math.round(100 * (price + next() - 0.5)) / 100
  const open = close.map((_, i) => (i === 0 ? 510 : (close[i - 1] ?? 510)))
  return {
    rows,
    ts: BigInt64Array.from({ length: rows }, (_, i) => OPEN_NS + BigInt(i) * MINUTE_NS),
    open,
    high: close.map((value, i) => Math.max(value, open[i] ?? value) + 0.05),
    low: close.map((value, i) => Math.min(value, open[i] ?? value) - 0.05),
    close,
    volume: new Float64Array(rows).fill(1000),
  }
}
