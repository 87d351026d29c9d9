import { AHEAD_QUESTIONS, type Anchor, atAnchor, headName, parseHeadName } from '@breakwater/features'
import { movesOf } from '@breakwater/viewport'
import type { PathForecast } from './forecast.ts'

const STRENGTH = 'strength_signed'

/**
 * What a law says in dollars, by question of the primary anchor, one value a moment: `strength_signed` and `strength_ahead` by `movesOf`, as live
 * paths publish them; `beyond_ahead` and `back_ahead`, by how much price is expected to go on beyond where it stands, and to come back
 * from there. `moved` are the displacements of the moments. NaN where the forecast is.
 */
export function lawDollars(
  { columns }: Pick<PathForecast, 'columns'>,
  moved: ArrayLike<number>,
): ReadonlyMap<string, Float64Array> {
  const [ends, starts, given] = ['ahead_break', 'ahead_bounce', 'direction'].map((name) => columns.get(name))
  const names = [STRENGTH, ...AHEAD_QUESTIONS]
  const dollars = names.map(() => new Float64Array(moved.length).fill(Number.NaN))
  for (let row = 0; row < moved.length; row++) {
    const extremes = { break: ends?.[row] ?? Number.NaN, bounce: starts?.[row] ?? Number.NaN }
    const { signed, ahead, beyond, back } = movesOf(extremes, given?.[row] ?? Number.NaN, moved[row] as number)
    for (const [c, value] of [signed, ahead, beyond, back].entries()) (dollars[c] as Float64Array)[row] = value
  }
  return new Map(names.map((name, c) => [name, dollars[c] as Float64Array]))
}

/** A name of {@link lawDollars}, or of a head, at an anchor; null for what is neither. */
export function nameAt(name: string, anchor: Anchor): string | null {
  if (AHEAD_QUESTIONS.some((question) => question === name)) return atAnchor(name, anchor)
  const head = parseHeadName(name)
  return head === null ? null : headName(head.question, anchor)
}

/** What a law forecasts for heads and their anchors: the heads themselves, and what is still to come from each anchor. */
export function lawColumns(heads: readonly { readonly name: string; readonly anchor: Anchor }[]): ReadonlySet<string> {
  const anchors = [...new Set(heads.map(({ anchor }) => anchor))]
  const ahead = anchors.flatMap((anchor) => AHEAD_QUESTIONS.map((question) => atAnchor(question, anchor)))
  return new Set([...heads.map(({ name }) => name), ...ahead])
}
