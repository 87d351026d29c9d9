import type { Bars } from './bars.ts'
import type { BarsView } from './days.ts'
import { unitChanges } from './price-rules.ts'
import type { UnitChange } from './price-rules.ts'
import { MAX_PRICE } from './check.ts'
import { gatherBars } from './validate.ts'

/** The bars without some rows; `origin` keeps saying which raw rows are left. */
export function dropRows(
  { bars, origin }: { readonly bars: Bars; readonly origin: Uint32Array | null },
  rows: readonly number[],
): { readonly bars: Bars; readonly origin: Uint32Array } {
  const dropped = new Set(rows)
  const kept = Uint32Array.from({ length: bars.rows }, (_, row) => row).filter((row) => !dropped.has(row))
  return { bars: gatherBars(bars, kept), origin: origin === null ? kept : kept.map((row) => origin[row] as number) }
}

/** Brings high and low of the rows back to open and close. Writes `bars`; returns how many bars changed. */
export function clipWicks({ open, high, low, close }: Bars, rows: readonly number[]): number {
  for (const row of rows) {
    high[row] = Math.max(open[row] as number, close[row] as number)
    low[row] = Math.min(open[row] as number, close[row] as number)
  }
  return rows.length
}

/** Whether all prices stay below the largest one when they are adjusted. */
function isBounded({ bars: { high } }: BarsView, changes: readonly UnitChange[]): boolean {
  let price = 1
  for (let i = changes.length - 1; i >= 0; i--) {
    price *= changes[i]?.factor ?? 1
    const before = high.subarray(changes[i - 1]?.row ?? 0, changes[i]?.row)
    if (before.some((value) => value * price > MAX_PRICE)) return false
  }
  return true
}

/** Units, as opposed to splits: the number of shares stays. */
const isUnit = (factor: number): boolean => [100, 0.01, 1000, 0.001].includes(factor)

/**
 * Brings prices before each change of unit to the unit after it, and volumes where it was a split. Writes the bars; returns
 * how many changed, or null where a change is none that a split or unit makes, or prices would leave all bounds.
 */
export function adjustUnits(view: BarsView, limit: number): number | null {
  const changes = unitChanges(view, limit)
  const { open, high, low, close, volume } = view.bars
  let [price, shares] = [1, 1]
  let adjusted = 0
  if (changes.some(({ factor }) => factor === null) || !isBounded(view, changes)) return null
  for (let i = changes.length - 1; i >= 0; i--) {
    const { row: to, factor } = changes[i] as (typeof changes)[number]
    if (factor === null) break
    price = unitary(price * factor)
    if (!isUnit(factor)) shares = unitary(shares / factor)
    if (price === 1 && shares === 1) continue
    for (let row = changes[i - 1]?.row ?? 0; row < to; row++) {
      for (const values of [open, high, low, close]) values[row] = scaled(values[row] as number, price)
      volume[row] = (volume[row] as number) * shares
      adjusted += 1
    }
  }
  return adjusted
}

/** Products of factors and their inverses, without what rounding leaves beside 1. */
const unitary = (factor: number): number => (Math.abs(factor - 1) < 1e-9 ? 1 : factor)

/** A hundredth is divided by a hundred: cents stay cents. */
const scaled = (value: number, by: number): number => (by < 1 ? value / (1 / by) : value * by)
