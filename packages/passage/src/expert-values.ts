import { type DriftRows, driftRows } from './drift-rows.ts'
import { checkExperts, type Expert } from './experts.ts'
import { valueCount } from './formula.ts'
import { checkLaw, type Law } from './law.ts'
import { checkMoment } from './moment.ts'
import { checkSpec, probabilityCount, type SurfaceSpec } from './questions.ts'
import { type ExpertWriter, tabledWriter } from './tabled.ts'
import { driftGroups, type DriftGroups } from './tilt.ts'

/** Moments as columns, one number a row; prices in the level's frame as in `Moment`. */
export interface Moments {
  readonly displacement: ArrayLike<number>
  /** Volatility forecast, price per square root of a minute, positive. */
  readonly sigma: ArrayLike<number>
}

/**
 * Probabilities that experts, or groups of them, give to the questions of a surface: `values[(row * questions + h) *
 * experts + k]`, h in the order of the surface with P(break side first) in place of direction.
 */
export interface ExpertValues {
  readonly rows: number
  readonly questions: number
  readonly experts: number
  readonly values: Float32Array
}

/**
 * Expert values of many moments, for fitting weights. 4 bytes per row, question and expert; about 10 us a row. Throws on
 * moments out of range.
 */
export function expertValues(experts: readonly Expert[], spec: SurfaceSpec, moments: Moments): ExpertValues {
  checkExperts(experts)
  checkSpec(spec)
  const questions = probabilityCount(spec)
  const count = experts.length
  const rows = moments.displacement.length
  const values = new Float32Array(rows * questions * count)
  const stride = valueCount(spec)
  eachRow({ experts, spec, moments, write: tabledWriter(experts, spec) }, (row, buffer) => {
    let at = row * questions * count
    for (let h = 0; h < questions; h++) {
      for (let k = 0; k < count; k++) values[at++] = buffer[k * stride + h] as number
    }
  })
  return { rows, questions, experts: count, values }
}

/** Values of a law's experts summed by drift, weights included: all that a tilt needs of a moment. */
export interface DriftValues
  extends ExpertValues, Pick<DriftGroups, 'mass' | 'phi'>, Pick<DriftRows, 'pairs' | 'sums' | 'sumRow'> {}

/**
 * Values of many moments by groups of equal drift under a law's weights (`experts` counts groups): a tilt depends on
 * them alone, at an eighth of the memory. Throws on a law or moments out of range.
 */
export function driftValues(law: Law, spec: SurfaceSpec, moments: Moments): DriftValues {
  checkLaw(law)
  checkSpec(spec)
  const { experts, weights } = law
  const [values] = driftValuesOfWeights({ write: tabledWriter(experts, spec), experts, spec, moments }, [weights])
  return values as DriftValues
}

/** {@link driftValues} of the same experts under several weights, whose values are computed once by a writer that took long to make. */
export function driftValuesOfWeights(request: Request, weights: readonly ArrayLike<number>[]): DriftValues[] {
  const { experts, spec, moments } = request
  const questions = probabilityCount(spec)
  const rows = moments.displacement.length
  const stride = valueCount(spec)
  const each = weights.map((own) => {
    const { groups, mass, phi } = driftGroups({ experts, weights: own })
    const count = mass.length
    const summed = driftRows(rows, questions, count)
    return {
      own,
      groups,
      sums: new Float64Array(questions * count),
      values: { ...summed, rows, questions, experts: count, mass, phi },
    }
  })
  eachRow(request, (row, buffer) => {
    for (const { own, groups, sums, values } of each) {
      const count = values.experts
      sums.fill(0)
      for (let k = 0; k < groups.length; k++) {
        const weight = own[k] as number
        const group = groups[k] as number
        for (let h = 0; h < questions; h++) {
          const at = h * count + group
          sums[at] = (sums[at] as number) + weight * (buffer[k * stride + h] as number)
        }
      }
      values.values.set(sums, row * questions * count)
    }
  })
  return each.map(({ values }) => values)
}

/** Moments whose values under some experts are wanted, and what writes them. */
interface Request {
  readonly experts: readonly Expert[]
  readonly spec: SurfaceSpec
  readonly moments: Moments
  readonly write: ExpertWriter
}

function eachRow({ experts, spec, moments, write }: Request, visit: (row: number, values: Float64Array) => void): void {
  const { displacement, sigma } = moments
  if (displacement.length !== sigma.length) {
    throw new RangeError(
      `passage: moments.sigma.length=${sigma.length}: must be one per displacement. There are ${displacement.length}.`,
    )
  }
  const buffer = new Float64Array(experts.length * valueCount(spec))
  for (let row = 0; row < displacement.length; row++) {
    const moment = { displacement: displacement[row] as number, sigma: sigma[row] as number }
    checkMoment(moment)
    write({ ...moment, beyond: moment.displacement, back: -moment.displacement }, buffer)
    visit(row, buffer)
  }
}
