import { type Anchor, atAnchor, WINDOW_HEADS } from '@breakwater/features'
import { projectCoherent } from '@breakwater/passage'
import { type HeadSpec, probabilityHeads } from '../law/outcomes.ts'
import type { ServingChoice } from './serving.ts'

const [TRADEABLE, , STRENGTH] = WINDOW_HEADS

/** What {@link servedColumns} reads. Columns have one value a row. */
export interface ServedRequest {
  readonly choice: Pick<ServingChoice, 'kind'>
  readonly spec: HeadSpec
  readonly anchors: readonly Anchor[]
  /** As calibrated, or of the trees alone where there is no calibrator. */
  readonly heads: ReadonlyMap<string, Float64Array>
  readonly tilted: ReadonlyMap<string, Float64Array>
}

/**
 * What is served of every head: {@link chosenSurface} row by row. Where neither law nor heads are a whole surface (past the session's end, or
 * without a law) heads stay as they are. `strength_signed`, which is no probability, is the law's where it has one, whatever is chosen: live it
 * moves with the price, as heads do not. Coherent by `incoherence` in every row with
 * a whole surface.
 */
export function servedColumns({ choice, spec, anchors, heads, tilted }: ServedRequest): Map<string, Float64Array> {
  const served = new Map([...heads].map(([name, values]) => [name, values.slice()]))
  const serve = chosenSurface(choice.kind, spec)
  for (const anchor of anchors) {
    const strength = atAnchor(STRENGTH, anchor)
    const dollars = tilted
      .get(strength)
      ?.map((value, row) => (Number.isNaN(value) ? (heads.get(strength)?.[row] ?? Number.NaN) : value))
    if (dollars !== undefined) served.set(strength, dollars)
    const names = probabilityHeads(spec).map((name) => atAnchor(name, anchor))
    const own = names.map((name) => heads.get(name))
    const other = names.map((name) => tilted.get(name))
    const rows = [...own, ...other].find((column) => column !== undefined)?.length ?? 0
    const [ofHeads, ofLaw, out] = [own, other, own].map(() => new Float64Array(names.length)) as Surfaces
    for (let row = 0; row < rows; row++) {
      for (let h = 0; h < names.length; h++) {
        ofHeads[h] = own[h]?.[row] ?? Number.NaN
        ofLaw[h] = other[h]?.[row] ?? Number.NaN
      }
      if (!serve(ofHeads, ofLaw, out)) continue
      for (const [h, name] of names.entries()) {
        const column = served.get(name) ?? new Float64Array(rows).fill(Number.NaN)
        column[row] = out[h] as number
        served.set(name, column)
      }
    }
  }
  return served
}

type Surfaces = [Float64Array, Float64Array, Float64Array]

/**
 * What is served of one moment, by a choice: the surface of the law as it is, or the heads' forecasts projected onto a coherent one. There
 * the law stands in for a head without a forecast, and for what is certain because price is there already: heads were trained on no such
 * row. The function reads both surfaces (the order of `probabilityHeads`, NaN for missing) and writes the third; false where some question has
 * neither answer. Where `isOwn` is given it gets 1 for every question that the heads answer themselves, and 0 for those of the law. Batch and live both go
 * through it.
 */
export function chosenSurface(
  kind: ServingChoice['kind'],
  spec: HeadSpec,
): (heads: Float64Array, law: Float64Array, out: Float64Array, isOwn?: Uint8Array) => boolean {
  const tradeable = probabilityHeads(spec).indexOf(TRADEABLE)
  return (heads, law, out, isOwn) => {
    isOwn?.fill(0)
    if (kind === 'law' && !law.some(Number.isNaN)) {
      out.set(law)
      return true
    }
    const isLeft = law[tradeable] === 1
    for (let h = 0; h < out.length; h++) {
      const isCertain = law[h] === 1 || (isLeft && h > tradeable)
      const [first, second] = kind === 'law' || isCertain ? [law, heads] : [heads, law]
      const value = Number.isNaN(first[h]) ? (second[h] as number) : (first[h] as number)
      if (Number.isNaN(value)) return false
      out[h] = value
      if (isOwn !== undefined) isOwn[h] = Number((first === heads) !== Number.isNaN(first[h]))
    }
    projectCoherent(spec, out)
    return true
  }
}
