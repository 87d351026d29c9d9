/** Answers for samples in their order; of the heads that the model has. */
export interface Predictions {
  readonly samples: number
  /** (samples): chance of a break, given break or bounce. */
  readonly direction?: Float32Array
  /** (samples): signed excursion in $. */
  readonly strength?: Float32Array
  /** (samples x curves x horizons), row-major: chance that the threshold is reached by the horizon. */
  readonly reach?: Float32Array
  /** (samples x horizon x channels), row-major, in the units of the input. */
  readonly forecast?: Float32Array
}
