import { packStrings } from './ids.ts'
import { INDEX_VERSION } from './index-data.ts'
import type { RetrievalIndex, StoredRows } from './index-data.ts'
import { checkInput, REACH_NAMES } from './input.ts'
import type { Matrix, Outcomes, ReachName, RowMetadata } from './input.ts'
import { fitNormaliser, normaliseRow } from './normalise.ts'
import type { Normaliser } from './normalise.ts'
import { partitionRows } from './partitions.ts'
import { makeReference, NO_REFERENCE, REFERENCE_ROWS } from './reference.ts'
import { createSearcher } from './create-searcher.ts'
import { checkCount } from './searcher.ts'
import type { QueryOptions } from './searcher.ts'

/** Options of {@link fitIndex}. */
export interface FitOptions {
  /** One byte a matrix row, 1 for training rows: only they are fitted on and stored. Default all. */
  readonly rows?: Uint8Array
  /** Neighbours by default. Default 20. */
  readonly k?: number
  /**
   * Most neighbours from one episode (touch cluster) by default. Default 2: touches of one cluster share most of their label
   * window, so a third adds little information. Infinity lifts the limit.
   */
  readonly episodeCap?: number
  /** Width in seconds of the interval that contains a reach time. Default 60 (one-minute bars). */
  readonly resolutionSeconds?: number
  /** Training rows, evenly spread, whose own neighbour distances are measured for `distancePercentile`. Default 2000; 0 measures none. */
  readonly referenceRows?: number
  /** Called after each measured row with how many are done. */
  readonly onMeasured?: (done: number, of: number) => void
}

const DEFAULT_K = 20
const DEFAULT_EPISODE_CAP = 2
const MINUTE = 60

/**
 * Fits an index on training rows: medians, standard scores and partitions come from them alone. Nothing of the input is kept
 * by reference. Throws on a bad shape or value, on no rows, and where no column varies. Cost: columns x rows log rows, and
 * `referenceRows` queries.
 */
export function fitIndex(
  matrix: Matrix,
  outcomes: Outcomes,
  metadata: RowMetadata,
  options: FitOptions = {},
): RetrievalIndex {
  const { k = DEFAULT_K, episodeCap = DEFAULT_EPISODE_CAP, resolutionSeconds = MINUTE } = options
  checkInput(matrix, outcomes, metadata)
  checkCount('k', k)
  if (episodeCap !== Infinity) checkCount('episodeCap', episodeCap)
  if (!(resolutionSeconds >= 0 && Number.isFinite(resolutionSeconds))) {
    throw new RangeError(`retrieval: resolutionSeconds=${resolutionSeconds}: must be a number of at least 0.`)
  }
  const rows = chosenRows(matrix.rows, options.rows)
  const normaliser = fitNormaliser(matrix, rows)
  const { order, partitions } = partitionRows(metadata, rows)
  const index: RetrievalIndex = {
    version: INDEX_VERSION,
    normaliser,
    rows: order.length,
    vectors: vectorsOf(normaliser, matrix, order),
    partitions,
    stored: storedRows(outcomes, metadata, order),
    sessions: [...metadata.session.dictionary],
    k,
    episodeCap,
    resolutionSeconds,
    reference: NO_REFERENCE,
  }
  return { ...index, reference: measure(index, matrix, metadata, options) }
}

function chosenRows(count: number, mask: Uint8Array | undefined): Int32Array {
  if (mask !== undefined && mask.length !== count) {
    throw new RangeError(`retrieval: rows.length=${mask.length}: must be one byte per row of the matrix, ${count}.`)
  }
  const chosen: number[] = []
  for (let row = 0; row < count; row++) if (mask === undefined || mask[row] !== 0) chosen.push(row)
  if (chosen.length === 0) {
    throw new RangeError('retrieval: rows: no training row is left, and an empty index has no answer. Check the dates.')
  }
  return Int32Array.from(chosen)
}

function vectorsOf(normaliser: Normaliser, matrix: Matrix, order: Int32Array): Float32Array {
  const width = normaliser.kept.length
  const vectors = new Float32Array(order.length * width)
  for (const [at, row] of order.entries()) {
    normaliseRow(normaliser, matrix.values, row, matrix.rows, vectors, at * width)
  }
  return vectors
}

function storedRows(outcomes: Outcomes, metadata: RowMetadata, order: Int32Array): StoredRows {
  const floats = (values: Float32Array): Float32Array => Float32Array.from(order, (row) => values[row] as number)
  const times = Object.fromEntries(REACH_NAMES.map((name) => [name, floats(outcomes.times[name])]))
  const { eventIds, tsNs, resolvedNs, episode, session } = metadata
  return {
    row: order,
    ids: packStrings(Array.from(order, (row) => eventIds[row] as string)),
    tsNs: BigInt64Array.from(order, (row) => tsNs[row] as bigint),
    resolvedNs: BigInt64Array.from(order, (row) => resolvedNs[row] as bigint),
    episode: Int32Array.from(order, (row) => episode.codes[row] as number),
    session: Int32Array.from(order, (row) => session.codes[row] as number),
    outcome: Int8Array.from(order, (row) => outcomes.outcome[row] as number),
    tradeable2: floats(outcomes.tradeable2),
    strengthSigned: floats(outcomes.strengthSigned),
    strengthAbs: floats(outcomes.strengthAbs),
    times: times as Record<ReachName, Float32Array>,
    observed: floats(outcomes.observed),
  }
}

const END_OF_TIME = 2n ** 63n - 1n

/**
 * Distances of evenly spread training rows to their own neighbours under their own filters, without their own session: a live
 * query has no neighbour of its own day that it could lean on either.
 */
function measure(
  index: RetrievalIndex,
  matrix: Matrix,
  metadata: RowMetadata,
  options: FitOptions,
): RetrievalIndex['reference'] {
  const wanted = options.referenceRows ?? REFERENCE_ROWS
  if (!(Number.isSafeInteger(wanted) && wanted >= 0)) {
    throw new RangeError(`retrieval: referenceRows=${wanted}: must be a whole number of at least 0.`)
  }
  const count = Math.min(wanted, index.rows)
  if (count === 0) return NO_REFERENCE
  const searcher = createSearcher(index)
  const row = new Float32Array(matrix.columns.length)
  const measured: Float64Array[] = []
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * index.rows) / count)
    const place = index.stored.row[at] as number
    for (let c = 0; c < row.length; c++) row[c] = matrix.values[c * matrix.rows + place] as number
    const distances = searcher.distances(row, { asOf: END_OF_TIME, ...ownOptions(metadata, place) })
    if (distances.length === index.k) measured.push(distances)
    options.onMeasured?.(i + 1, count)
  }
  return makeReference(index.k, measured)
}

function ownOptions(metadata: RowMetadata, row: number): Omit<QueryOptions, 'asOf'> {
  const { direction, levelKindName, gammaBucket, session } = metadata
  const word = ({ codes, dictionary }: typeof session): string | null => dictionary[codes[row] as number] ?? null
  const own = word(session)
  return {
    filters: { direction: word(direction), levelKindName: word(levelKindName), gammaBucket: word(gammaBucket) },
    eventId: metadata.eventIds[row] as string,
    ...(own === null ? {} : { excludeSession: own }),
  }
}
