import { barrierCurve, poweredLaw } from '@breakwater/passage'
import { sessionSum } from '../fit/session-sum.ts'
import type { ApproachScore } from './approach-record.ts'
import type { ApproachRows } from './approach-rows.ts'
import type { PathLaw } from './fit.ts'
import type { RowLoss } from './row-boosting.ts'

/** Log losses of P(touch) in one session: sums by horizon of the law alone and as it is shifted, and how often each was asked. */
interface SessionLosses {
  readonly law: Float64Array
  readonly shifted: Float64Array
  readonly asked: Float64Array
  rows: number
}

/** The composite log loss of P(touch) at moments whose law has its volatility shifted. */
export interface ApproachLoss {
  /** Of one row under a shift. */
  readonly at: (row: number, shift: number) => RowLoss
  /** By session, of the rows of a mask, each shifted as `shiftOf` says. */
  readonly bySession: (mask: Uint8Array, shiftOf: (row: number) => number) => ReadonlyMap<number, SessionLosses>
}

const CLIP = 1e-6

/** Prepares the loss of moments under a law; each horizon weighs by one over its share of training rows. Holds scratch space. */
export function approachLoss({ law, calibration, spec }: PathLaw, rows: ApproachRows): ApproachLoss {
  const { logDistance, tilt, labels, sessions } = rows
  const size = spec.horizons.length
  const curve = barrierCurve(poweredLaw(law, calibration.power), spec.horizons)
  const [values, slopes] = [new Float64Array(size), new Float64Array(size)]
  const weights = questionWeights(rows, size)
  const ask = (row: number, shift: number): void => {
    curve.at((logDistance[row] as number) - shift, tilt[row] as number, values, slopes)
  }
  const at = (row: number, shift: number): RowLoss => {
    ask(row, shift)
    let [loss, gradient, curvature] = [0, 0, 0]
    for (let j = 0; j < size; j++) {
      const label = labels[row * size + j] as number
      if (label < 0) continue
      const p = clipped(values[j] as number)
      const [weight, slope] = [weights[j] as number, slopes[j] as number]
      loss += weight * logLoss(p, label)
      gradient += (weight * (p - label) * slope) / (p * (1 - p))
      curvature += (weight * slope * slope) / (p * (1 - p))
    }
    return { loss, gradient, curvature }
  }
  const addLosses = (row: number, shift: number, to: Float64Array): void => {
    ask(row, shift)
    for (let j = 0; j < size; j++) {
      const label = labels[row * size + j] as number
      if (label >= 0) to[j] = (to[j] as number) + logLoss(clipped(values[j] as number), label)
    }
  }
  return {
    at,
    bySession: (mask, shiftOf) => {
      const all = new Map<number, SessionLosses>()
      for (const [row, bit] of mask.entries()) {
        if (bit === 0) continue
        const session = sessions[row] as number
        const sums = all.get(session) ?? empty(size)
        all.set(session, sums)
        sums.rows++
        addLosses(row, 0, sums.law)
        addLosses(row, shiftOf(row), sums.shifted)
        for (let j = 0; j < size; j++) {
          if ((labels[row * size + j] as number) >= 0) sums.asked[j] = (sums.asked[j] as number) + 1
        }
      }
      return all
    },
  }
}

const clipped = (p: number): number => Math.min(1 - CLIP, Math.max(CLIP, p))
const logLoss = (p: number, label: number): number => -Math.log(label === 1 ? p : 1 - p)

const empty = (size: number): SessionLosses => ({
  law: new Float64Array(size),
  shifted: new Float64Array(size),
  asked: new Float64Array(size),
  rows: 0,
})

/** Weight of each horizon: one over its share of training rows and the number of horizons. */
function questionWeights({ labels, roles }: ApproachRows, size: number): Float64Array {
  const asked = new Float64Array(size)
  let rows = 0
  for (const [row, role] of roles.entries()) {
    if (role !== 'train') continue
    rows++
    for (let j = 0; j < size; j++) if ((labels[row * size + j] as number) >= 0) asked[j] = (asked[j] as number) + 1
  }
  return asked.map((count) => (count === 0 ? 0 : rows / count / size))
}

/** The losses of sessions as one score, each horizon's mean counting the same; null with fewer than `fewest` sessions. */
export function scoreOf(sessions: readonly SessionLosses[], fewest: number): ApproachScore | null {
  if (sessions.length < fewest) return null
  const asked = (sessions[0] as SessionLosses).asked.map((_, j) =>
    sessions.reduce((sum, one) => sum + (one.asked[j] as number), 0),
  )
  const known = asked.filter((count) => count > 0).length
  const meanOf = (sums: Float64Array): number =>
    sums.reduce((sum, loss, j) => sum + ((asked[j] as number) > 0 ? loss / (asked[j] as number) / known : 0), 0)
  const { total, standardError } = sessionSum(sessions.map(({ law, shifted }) => meanOf(law) - meanOf(shifted)))
  const law = sessions.reduce((sum, one) => sum + meanOf(one.law), 0)
  const rows = sessions.reduce((sum, one) => sum + one.rows, 0)
  return { law, shifted: law - total, saved: total, standardError, sessions: sessions.length, rows }
}
