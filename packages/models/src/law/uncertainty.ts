import { createSurface, DIRECTIONS, type Law } from '@breakwater/passage'
import type { HeadSpec } from './outcomes.ts'
import { excessVariance, groupRows, type GroupSession } from './groups.ts'
import { inverse, product, squareSum } from './small-matrix.ts'

/** How sure a law is of its own probabilities, as plain data. */
export interface LawUncertainty {
  /** Covariance of errors in the directions of a law's weights (`DIRECTIONS` of passage), row by row. */
  readonly covariance: readonly number[]
  /** Its parts in the directions of scale and drift; variances. */
  readonly parts: { readonly scale: UncertaintyParts; readonly drift: UncertaintyParts }
  /** Variance that the log odds of direction have of their own, out of the fit: a ratio of two rare things can be wrong where both are right. */
  readonly direction: number
  /** Sessions that the law was fitted on, and sessions out of the fit. */
  readonly sessions: { readonly train: number; readonly validation: number }
}

/** Where the variance of one direction comes from. */
export interface UncertaintyParts {
  /** Of the weights: a sandwich over training sessions. */
  readonly weights: number
  /** Of the trees: half the mean square by which ensembles of either half of the training sessions differ. */
  readonly trees: number
  /** Out of the fit: what groups of moments differ by beyond chance, and its standard error. */
  readonly groups: number
}

/** What {@link lawUncertainty} reads. Arrays have one entry a moment. */
export interface UncertaintyRequest {
  readonly law: Law
  readonly spec: HeadSpec
  readonly displacement: ArrayLike<number>
  /** The forecast and the tilt as they are served. */
  readonly sigma: ArrayLike<number>
  readonly tilt: ArrayLike<number>
  /** Differences of ensembles that were fitted on either half of the training sessions: of log volatility, and of tilt. */
  readonly halves: { readonly scale: ArrayLike<number>; readonly drift: ArrayLike<number> }
  /** `[row * questions + h]`, -1 where masked. */
  readonly labels: Int8Array
  readonly rowWeights: ArrayLike<number>
  /** Session of each moment. */
  readonly sessions: ArrayLike<number>
  /** Rows of the fit, and of later sessions: non-zero bytes. */
  readonly train: Uint8Array
  readonly validation: Uint8Array
}

const SIZE = DIRECTIONS.length
const [SCALE, DRIFT] = [0, 1]
/** Moments of each role are thinned to about so many. */
const MOST_ROWS = 12_000
/** Groups of moments: quantiles of place in units of the forecast, of the forecast, and of the tilt. */
const GROUPS = [3, 2, 4] as const
const FEWEST_SESSIONS = 2
const CLIP = 1e-6
/** Share of the mean information that is added to each direction's, so that one which rows say nothing about stays finite. */
const RIDGE = 1e-3

/** Score and information by the directions: sums over rows. */
interface Sums {
  readonly score: Float64Array
  readonly information: Float64Array
  /** The same of the log odds of direction alone. */
  readonly direction: Float64Array
}

/**
 * Covariance of a law's errors in four directions: what sessions of the fit leave uncertain of the weights, and in the directions that
 * trees act in, what they do not agree on from half to half, and what moments of later sessions show beyond chance. Halves have twice the
 * variance of the whole, a mean square of differences twice that of a half, and the trees stop where their bias is about as large as their variance: so
 * half the mean square. Pure; O(rows x questions).
 */
export function lawUncertainty(request: UncertaintyRequest): LawUncertainty {
  const [train, validation] = [thinned(request.train), thinned(request.validation)]
  const sumsOf = scorer(request)
  const ofTrain = bySession(train, request.sessions, sumsOf)
  const covariance = sandwich(ofTrain)
  const groups = groupVariances(request, validation, sumsOf)
  const partsOf = (d: number, trees: ArrayLike<number>): UncertaintyParts => ({
    weights: covariance[d * (SIZE + 1)] as number,
    trees: meanSquare(trees, validation) / 2,
    groups: groups.directions[d] as number,
  })
  const parts = { scale: partsOf(SCALE, request.halves.scale), drift: partsOf(DRIFT, request.halves.drift) }
  for (const [d, { trees, groups: between }] of [parts.scale, parts.drift].entries()) {
    const at = d * (SIZE + 1)
    covariance[at] = (covariance[at] as number) + trees + between
  }
  const known = new Set(validation.map((row) => request.sessions[row]))
  return {
    covariance: [...covariance],
    parts,
    direction: groups.own,
    sessions: { train: ofTrain.size, validation: known.size },
  }
}

function thinned(mask: Uint8Array): number[] {
  const rows = Array.from(mask.keys()).filter((row) => mask[row] !== 0)
  const step = Math.max(1, Math.round(rows.length / MOST_ROWS))
  return rows.filter((_, i) => i % step === 0)
}

function meanSquare(values: ArrayLike<number>, rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + (values[row] as number) ** 2, 0) / Math.max(1, rows.length)
}

const empty = (): Sums => ({
  score: new Float64Array(SIZE),
  information: new Float64Array(SIZE * SIZE),
  direction: new Float64Array(2),
})

function addTo(sum: Sums, { score, information, direction }: Sums): void {
  for (let i = 0; i < 2; i++) sum.direction[i] = (sum.direction[i] as number) + (direction[i] as number)
  for (let i = 0; i < SIZE; i++) sum.score[i] = (sum.score[i] as number) + (score[i] as number)
  for (let i = 0; i < SIZE * SIZE; i++) sum.information[i] = (sum.information[i] as number) + (information[i] as number)
}

function bySession(
  rows: readonly number[],
  sessions: ArrayLike<number>,
  sumsOf: (row: number) => Sums,
): Map<number, Sums> {
  const all = new Map<number, Sums>()
  for (const row of rows) {
    const session = sessions[row] as number
    const sum = all.get(session) ?? empty()
    all.set(session, sum)
    addTo(sum, sumsOf(row))
  }
  return all
}

/** Score and information of one row under the composite log loss; written again by the next call. */
function scorer(request: UncertaintyRequest): (row: number) => Sums {
  const { law, spec, displacement, sigma, tilt, labels, rowWeights } = request
  const surface = createSurface(law, spec)
  const size = surface.questions.length
  const questions = labels.length / rowWeights.length
  const values = new Float64Array(size)
  const slopes = new Float64Array(SIZE * size)
  const sums = empty()
  return (row) => {
    sums.score.fill(0)
    sums.information.fill(0)
    sums.direction.fill(0)
    const moment = { displacement: displacement[row] as number, sigma: sigma[row] as number }
    surface.at(moment, { tilt: tilt[row] as number, slopes }, values)
    for (let h = 0; h < questions; h++) {
      const label = labels[row * questions + h] as number
      if (label < 0) continue
      const p = Math.min(1 - CLIP, Math.max(CLIP, values[h] as number))
      const weight = (rowWeights[row] as number) / (p * (1 - p))
      if (h === questions - 1) {
        sums.direction[0] = (rowWeights[row] as number) * (label - p)
        sums.direction[1] = (rowWeights[row] as number) * p * (1 - p)
      }
      for (let i = 0; i < SIZE; i++) {
        const slope = slopes[i * size + h] as number
        sums.score[i] = (sums.score[i] as number) + weight * (label - p) * slope
        for (let j = 0; j < SIZE; j++) {
          const at = i * SIZE + j
          sums.information[at] = (sums.information[at] as number) + weight * slope * (slopes[j * size + h] as number)
        }
      }
    }
    return sums
  }
}

/** Inverse information x sum over sessions of squared scores x inverse information. */
function sandwich(sessions: ReadonlyMap<number, Sums>): Float64Array {
  const total = empty()
  for (const one of sessions.values()) addTo(total, one)
  const { information } = total
  let trace = 0
  for (let i = 0; i < SIZE; i++) trace += information[i * (SIZE + 1)] as number
  for (let i = 0; i < SIZE; i++) {
    const at = i * (SIZE + 1)
    information[at] = (information[at] as number) + (RIDGE * trace) / SIZE
  }
  const bread = inverse(information, SIZE)
  const meat = squareSum(
    [...sessions.values()].map(({ score }) => score),
    SIZE,
  )
  return product(product(bread, meat, SIZE), bread, SIZE)
}

/** By direction, what groups of moments out of the fit are off by beyond chance, see `excessVariance`; groups of one session say nothing. */
function groupVariances(
  { displacement, sigma, sessions, tilt }: UncertaintyRequest,
  rows: readonly number[],
  sumsOf: (row: number) => Sums,
): { readonly directions: readonly number[]; readonly own: number } {
  const at = (valueOf: (row: number) => number): number[] => rows.map((row) => valueOf(row))
  const groups = groupRows([
    [at((row) => (displacement[row] as number) / (sigma[row] as number)), GROUPS[0]],
    [at((row) => sigma[row] as number), GROUPS[1]],
    [at((row) => tilt[row] as number), GROUPS[2]],
  ])
  const sums = groups
    .map((each) => [
      ...bySession(
        each.map((i) => rows[i] as number),
        sessions,
        sumsOf,
      ).values(),
    ])
    .filter((each) => each.length >= FEWEST_SESSIONS)
  const excess = (read: (sum: Sums) => GroupSession): number => excessVariance(sums.map((each) => each.map(read)))
  const along = (d: number): number =>
    excess(({ score, information }) => [score[d] as number, information[d * (SIZE + 1)] as number])
  return {
    directions: [SCALE, DRIFT].map(along),
    own: excess(({ direction }) => [direction[0] as number, direction[1] as number]),
  }
}
