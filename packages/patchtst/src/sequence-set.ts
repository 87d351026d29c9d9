/** Labels a sample may carry; a missing label leaves its sample out of that head's loss. */
export interface SequenceLabels {
  /** (samples): 1 break, 0 bounce, -1 neither or unknown. */
  readonly direction?: Int8Array
  /** (samples): signed excursion in $; NaN unknown. */
  readonly strength?: Float32Array
  /**
   * (samples x curves x horizons), row-major: for each interval between horizons 1 where the threshold was first reached
   * in it, 0 where it passed without, -1 where the sample was no longer at risk or not observed to the interval's end.
   */
  readonly reach?: Int8Array
  /** (samples x horizon x channels), row-major: the values that follow the sequence; NaN unknown. */
  readonly future?: Float32Array
}

/**
 * Sequences in memory. Rows of `x` are in time order, padding on the left; a step is padding in all channels or in none.
 * Nothing is changed by the package.
 */
export interface SequenceSet {
  /** Names the data in errors: a file. */
  readonly source: string
  readonly samples: number
  /** Steps of a sequence, padding included. */
  readonly length: number
  readonly channels: number
  readonly channelNames: readonly string[]
  /** (samples x length x channels), row-major. Finite where `mask` is 1; elsewhere anything, never read. */
  readonly x: Float32Array
  /** (samples x length): 1 observed, 0 padding. At least one 1 per sample. */
  readonly mask: Uint8Array
  readonly statics: number
  readonly staticNames: readonly string[]
  /** (samples x statics), row-major; finite. */
  readonly staticValues: Float32Array
  readonly labels: SequenceLabels
}

/**
 * Windows of one long series, without copies: sample i is the `length` rows from row `from + i` on, and its future the
 * `horizon` rows after. All is observed; there are no statics and no other label.
 */
export interface SeriesWindows {
  readonly source: string
  readonly samples: number
  readonly length: number
  readonly channels: number
  readonly channelNames: readonly string[]
  /** (rows x channels), row-major, finite; at least `from + samples + length + horizon - 1` rows. */
  readonly series: Float32Array
  readonly from: number
  readonly horizon: number
}

/** What can be trained on. */
export type TrainingData = SequenceSet | SeriesWindows

/** Whether data are windows of a series. */
export function isSeries(data: TrainingData): data is SeriesWindows {
  return 'series' in data
}

/** Whether every step of every sample is observed. */
export function isFullyObserved(data: TrainingData): boolean {
  return isSeries(data) || data.mask.every((observed) => observed === 1)
}
