/** Dates that would let a model see what it predicts: overlapping roles, or a role that begins before an earlier one ends. */
export class WalkForwardViolationError extends Error {
  /** Constant, so that a caller can branch without comparing messages. */
  readonly code = 'WALK_FORWARD_VIOLATION'
  override readonly name = 'WalkForwardViolationError'
}
