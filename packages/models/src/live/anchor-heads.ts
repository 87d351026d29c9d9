import { type Anchor, atAnchor, type RowValues, WINDOW_HEADS } from '@breakwater/features'
import { jointInterval, type Predictions } from '@breakwater/viewport'
import { chosenSurface } from '../fit/served.ts'
import { writeInterval } from '../law/intervals.ts'
import { type HeadSpec, probabilityHeads } from '../law/outcomes.ts'
import type { BundlePredictor } from './predictor.ts'

/** Heads that their set chose to serve. */
export interface AnchorHeads {
  /** With every head that the law's surface has a question for. */
  readonly predictor: BundlePredictor
  readonly anchor: Anchor
}

/** Writes what the heads say of a confirmed touch over what the law says; `lawSpread` gives half of the law's interval of a question in log odds. */
export type ServeHeads = (row: RowValues, out: Predictions, lawSpread: (h: number) => number) => void

/**
 * The surface of heads that their set chose to serve, in place of that of the law: probabilities with their intervals, then at `outcomes` P(break) and
 * P(bounce). Each interval is around what is served; it is the head's own, or the law's where the law answers.
 */
export function headSurface({ predictor, anchor }: AnchorHeads, spec: HeadSpec, outcomes: number): ServeHeads {
  const names = probabilityHeads(spec)
  const places = names.map((name) => predictor.heads.indexOf(atAnchor(name, anchor)))
  const [tradeable, direction] = [names.indexOf(WINDOW_HEADS[0]), names.indexOf(WINDOW_HEADS[1])]
  const serve = chosenSurface('heads', spec)
  const encoded = new Float32Array(predictor.width)
  const [values, low, high] = [0, 0, 0].map(() => new Float64Array(predictor.heads.length)) as Triple
  const [own, law, served] = [0, 0, 0].map(() => new Float64Array(names.length)) as Triple
  const isOwn = new Uint8Array(names.length)
  const ends = { low: 0, high: 0 }
  return (row, out, lawSpread) => {
    predictor.encode(row, encoded)
    predictor.predict(encoded, 1, { values, low, high })
    for (const [h, place] of places.entries()) own[h] = values[place] ?? Number.NaN
    law.set(out.values.subarray(0, law.length))
    if (!serve(own, law, served, isOwn)) return
    for (const [h, place] of places.entries()) {
      const p = served[h] as number
      writeInterval(p, isOwn[h] === 1 ? (predictor.spreads[place]?.(p) ?? Number.NaN) : lawSpread(h), ends)
      put(out, h, p, [ends.low, ends.high])
    }
    const [p, share] = [served[tradeable] as number, served[direction] as number]
    const left = endsAt(out, tradeable)
    const given = endsAt(out, direction)
    put(out, outcomes, p * share, jointInterval(left, given))
    put(out, outcomes + 1, p * (1 - share), jointInterval(left, [1 - given[1], 1 - given[0]]))
  }
}

type Triple = [Float64Array, Float64Array, Float64Array]
type Ends = readonly [low: number, high: number]

const endsAt = ({ low, high }: Predictions, at: number): Ends => [low[at] as number, high[at] as number]

function put(out: Predictions, at: number, p: number, [low, high]: Ends): void {
  out.values[at] = p
  out.low[at] = low
  out.high[at] = high
}
