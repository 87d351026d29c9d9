import type { MomentMaskReason } from '@breakwater/features'

/** What was published about one level at one time. */
export interface PublishedForecast {
  /** Names the level among those published at one time. */
  readonly levelId: string
  readonly kind: string
  /** Dollars. */
  readonly price: number
  /** +1 where price comes from below (UP), -1 from above (DOWN). */
  readonly sign: 1 | -1
  /** When it was published, nanoseconds since 1970. */
  readonly tsNs: bigint
  /**
   * When its windows begin: `tsNs` for numbers about now, the anchor for anchored ones (it may be to come), null for numbers
   * that are conditional on a touch: then they begin at the touch.
   */
  readonly fromNs: bigint | null
  /** First touch of the episode; null before it. */
  readonly touchNs: bigint | null
  /** The price when it was published; NaN takes the last close. Dollars. */
  readonly spot: number
  /** One number a question; NaN where there is none, and where the answer was known already. */
  readonly values: Float64Array
  /** What a reference, such as the law of first passage, would have published; NaN where it has no number. Default none. */
  readonly reference?: Float64Array
  /** Ends of the published intervals; NaN where there is none. Default none. */
  readonly low?: Float64Array
  readonly high?: Float64Array
  /** Words by which outcomes are grouped, such as state and stage. Kept as they are. */
  readonly labels: Readonly<Record<string, string>>
}

/**
 * Why a published number is not compared with what happened. Those of the labels come first. `never touched`: it was
 * conditional on a touch that did not come within the window. `touch between ticks`: it was conditional on a touch that a bar alone tells of, so
 * that nobody knows where price stood when its windows began. `no number`: nothing was published for the question.
 */
export type OutcomeMask =
  MomentMaskReason | 'hit straddles the moment' | 'never touched' | 'touch between ticks' | 'no number'

/** What became of the questions of one window of one forecast. */
export interface ResolvedForecast {
  readonly forecast: PublishedForecast
  /** Questions [from, to) of the join's list. */
  readonly from: number
  readonly to: number
  /** By question of the list: 0, 1 or dollars; NaN where masked, and outside [from, to). */
  readonly outcomes: Float64Array
  /** By question: why it is masked; null where it is not, and outside [from, to). */
  readonly masks: readonly (OutcomeMask | null)[]
  /** When the windows of the forecast began; null where it was never touched. */
  readonly startNs: bigint | null
  /** When the answer became known: the end of the minute that closed the window, or of the data. */
  readonly knownNs: bigint
}
