import { type Outcomes, weighting } from './composite.ts'
import type { ExpertValues } from './expert-values.ts'
import { type MixedRows, mixedRows } from './mixed-rows.ts'

/** What the composite log loss of a mixture is made of: logarithms of mixed rows. */
export interface WeightsProblem {
  readonly experts: number
  readonly seen: {
    /** Of what is asked and happened, and, of directions, of the side that the band was left by. */
    readonly happened: WeightedRows
    /** Of what is asked and did not happen: a logarithm of the complement. */
    readonly not: WeightedRows
    /** Of directions, of leaving the band at all: its logarithm is taken off. */
    readonly left: WeightedRows
  }
  /** Directions that nobody saw, half of them each way. */
  readonly imagined: Pick<WeightsProblem['seen'], 'happened' | 'left'>
}

/** Rows of expert values, and the weight of each one's logarithm. */
export interface WeightedRows {
  readonly rows: MixedRows
  readonly weights: Float64Array
}

/** Moments at which directions are imagined, at most about. */
const IMAGINED_ROWS = 500

/** The terms of the loss of `outcomes`, and of so many imagined directions. Throws as `weighting` does, and on a count below 0. */
export function weightsProblem(values: ExpertValues, outcomes: Outcomes, imaginedDirections: number): WeightsProblem {
  if (!(Number.isFinite(imaginedDirections) && imaginedDirections >= 0)) {
    throw new RangeError(
      `passage: options.imaginedDirections=${imaginedDirections}: must be finite and at least 0. Leave it out for none.`,
    )
  }
  const { questions, experts } = values
  const { labels, rowWeights, questionWeights, total } = weighting(values, outcomes)
  const direction = questions - 1
  const isDirection = (place: number): boolean => place % questions === direction
  const weightAt = (place: number): number =>
    ((rowWeights[Math.floor(place / questions)] as number) / total) * (questionWeights[place % questions] as number)
  const rowAt = (place: number): Float32Array => values.values.subarray(place * experts, (place + 1) * experts)
  /** Of directions: the band is left by the bounce side. */
  const bounceAt = (place: number): Float32Array =>
    rowAt(place - 1).map((left, k) => left - (rowAt(place)[k] as number))
  const rowsAt = (
    places: Int32Array,
    valuesAt: (place: number, i: number) => Float32Array,
    weight: (place: number) => number = weightAt,
  ): WeightedRows => ({
    rows: mixedRows(places.length, experts, (i, row) => row.set(valuesAt(places[i] as number, i))),
    weights: Float64Array.from(places, weight),
  })
  const directions = imaginedDirections === 0 ? new Int32Array(0) : spread(labels, questions)
  const each = (imaginedDirections * (questionWeights[direction] as number)) / total / directions.length
  return {
    experts,
    seen: {
      happened: rowsAt(
        placesOf(labels, (place) => labels[place] === 1 || isDirection(place)),
        (place) => (labels[place] === 0 ? bounceAt(place) : rowAt(place)),
      ),
      not: rowsAt(
        placesOf(labels, (place) => labels[place] === 0 && !isDirection(place)),
        rowAt,
      ),
      left: rowsAt(placesOf(labels, isDirection), (place) => rowAt(place - 1)),
    },
    imagined: {
      // Every place twice: once for each side.
      happened: rowsAt(
        Int32Array.from({ length: 2 * directions.length }, (_, i) => directions[i >> 1] as number),
        (place, i) => (i % 2 === 0 ? rowAt(place) : bounceAt(place)),
        () => each / 2,
      ),
      left: rowsAt(
        directions,
        (place) => rowAt(place - 1),
        () => each,
      ),
    },
  }
}

/** Places of labels that are not masked. */
function placesOf(labels: Int8Array, isWanted: (place: number) => boolean): Int32Array {
  let count = 0
  const places = new Int32Array(labels.length)
  for (let i = 0; i < labels.length; i++) if ((labels[i] as number) >= 0 && isWanted(i)) places[count++] = i
  return places.subarray(0, count)
}

/** Places of directions, seen or not, spread evenly over the rows whose band had not been left. */
function spread(labels: Int8Array, questions: number): Int32Array {
  const open = placesOf(labels, (place) => place % questions === questions - 2)
  const step = Math.max(1, Math.floor(open.length / IMAGINED_ROWS))
  return open.filter((_, i) => i % step === 0).map((place) => place + 1)
}
