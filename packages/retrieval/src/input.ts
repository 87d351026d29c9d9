/** What is looked up: `columns.length` x `rows` 32-bit floats, NaN for missing, column-major (`values[c * rows + r]`). */
export interface Matrix {
  readonly columns: readonly string[]
  readonly rows: number
  readonly values: Float32Array
}

/** Row `i` holds `dictionary[codes[i]]`; code -1 marks a missing value. */
export interface CodedWords {
  readonly codes: Int32Array
  readonly dictionary: readonly string[]
}

/** What and when each row is. Arrays have one entry per row. */
export interface RowMetadata {
  /** Unique names of the events. */
  readonly eventIds: readonly string[]
  /** Start of the touch, nanoseconds since 1970 UTC. */
  readonly tsNs: BigInt64Array
  /** When the outcome was known, nanoseconds since 1970 UTC: the end of the label window. Never before `tsNs`. */
  readonly resolvedNs: BigInt64Array
  readonly levelKindName: CodedWords
  readonly direction: CodedWords
  readonly gammaBucket: CodedWords
  /** The touch cluster a row belongs to; rows of one cluster share most of their outcome. */
  readonly episode: CodedWords
  /** The session ('YYYY-MM-DD'), left out when the index measures its own distances. */
  readonly session: CodedWords
}

/** Outcomes in code order: `outcome[i]` is an index into it, -1 where the outcome is undefined. */
export const OUTCOME_NAMES = ['BREAK', 'BOUNCE', 'CHOP'] as const

/** The reach times that an index keeps. */
export const REACH_NAMES = ['threshold1', 'threshold2', 'break1', 'bounce1', 'break2', 'bounce2'] as const
/** One of {@link REACH_NAMES}. */
export type ReachName = (typeof REACH_NAMES)[number]

/** What happened after each row, known at its `resolvedNs` and not before. NaN is unknown. */
export interface Outcomes {
  /** Index into {@link OUTCOME_NAMES}; -1 undefined. */
  readonly outcome: Int8Array
  /** 1 where the second threshold was reached either way, 0 where not. */
  readonly tradeable2: Float32Array
  /** Signed excursion in dollars. */
  readonly strengthSigned: Float32Array
  /** Largest excursion in dollars, at least 0. */
  readonly strengthAbs: Float32Array
  /**
   * Seconds from the anchor to the start of the interval that contains the reach; NaN not reached while observed;
   * negative: reached before the anchor already, so nothing was left to wait for.
   */
  readonly times: Readonly<Record<ReachName, Float32Array>>
  /** Seconds from the anchor that the data covers: a time not reached is censored here. */
  readonly observed: Float32Array
}

/** Throws a TypeError or RangeError that names the argument unless everything has one entry per row and a sound shape. */
export function checkInput(matrix: Matrix, outcomes: Outcomes, metadata: RowMetadata): void {
  checkMatrix(matrix)
  const { rows } = matrix
  for (const [name, values] of outcomeArrays(outcomes)) checkLength(`outcomes.${name}`, values, rows)
  const unknown = outcomes.outcome.findIndex((code) => code < -1 || code >= OUTCOME_NAMES.length)
  if (unknown !== -1) {
    throw new RangeError(
      `retrieval: outcomes.outcome[${unknown}]=${outcomes.outcome[unknown]}: must be -1 or an index into ${OUTCOME_NAMES.join(', ')}. Map the words to codes.`,
    )
  }
  checkMetadata(metadata, rows)
}

function checkMatrix({ columns, rows, values }: Matrix): void {
  if (columns.length === 0) {
    throw new RangeError('retrieval: matrix.columns=[]: must name at least one column. Check the feature selection.')
  }
  const twice = columns.find((name, i) => columns.indexOf(name) < i)
  if (twice !== undefined) {
    throw new RangeError(`retrieval: matrix.columns: ${JSON.stringify(twice)} occurs twice. Names must be unique.`)
  }
  if (!(values instanceof Float32Array) || values.length !== columns.length * rows) {
    throw new RangeError(
      `retrieval: matrix.values: must be a Float32Array of columns x rows = ${columns.length} x ${rows}, got length ${values.length}. Check that the matrix was built for these columns.`,
    )
  }
  const infinite = values.findIndex((value) => value === Infinity || value === -Infinity)
  if (infinite !== -1) {
    throw new RangeError(
      `retrieval: matrix.values: column ${columns[Math.floor(infinite / rows)]}, row ${infinite % rows}: is ${values[infinite]}. Distances need finite numbers; write NaN for missing.`,
    )
  }
}

/** Every array of the outcomes with its name. */
function outcomeArrays(outcomes: Outcomes): (readonly [name: string, values: Int8Array | Float32Array])[] {
  const { outcome, tradeable2, strengthSigned, strengthAbs, times, observed } = outcomes
  return [
    ...Object.entries({ outcome, tradeable2, strengthSigned, strengthAbs, observed }),
    ...REACH_NAMES.map((name) => [`times.${name}`, times[name]] as const),
  ]
}

function checkMetadata(metadata: RowMetadata, rows: number): void {
  const { eventIds, tsNs, resolvedNs, levelKindName, direction, gammaBucket, episode, session } = metadata
  for (const [name, values] of Object.entries({ eventIds, tsNs, resolvedNs })) {
    checkLength(`metadata.${name}`, values, rows)
  }
  for (const [name, coded] of Object.entries({ levelKindName, direction, gammaBucket, episode, session })) {
    checkLength(`metadata.${name}.codes`, coded.codes, rows)
    const bad = coded.codes.findIndex((code) => code < -1 || code >= coded.dictionary.length)
    if (bad !== -1) {
      throw new RangeError(
        `retrieval: metadata.${name}.codes[${bad}]=${coded.codes[bad]}: must be -1 or an index into its dictionary of ${coded.dictionary.length}.`,
      )
    }
  }
  const early = resolvedNs.findIndex((at, row) => at < (tsNs[row] as bigint))
  if (early !== -1) {
    throw new RangeError(
      `retrieval: metadata.resolvedNs[${early}]=${resolvedNs[early]}: lies before its tsNs ${tsNs[early]}. An outcome is known after the touch; give the end of its label window.`,
    )
  }
  checkUnique(eventIds)
}

function checkUnique(eventIds: readonly string[]): void {
  const seen = new Set<string>()
  for (const id of eventIds) {
    if (seen.has(id)) {
      throw new RangeError(`retrieval: metadata.eventIds: ${JSON.stringify(id)} occurs twice. Give each event its own.`)
    }
    seen.add(id)
  }
}

function checkLength(name: string, values: ArrayLike<unknown>, rows: number): void {
  if (values.length === rows) return
  throw new RangeError(`retrieval: ${name}.length=${values.length}: must be one entry per row of the matrix, ${rows}.`)
}
