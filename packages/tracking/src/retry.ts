/** When and how often a failed request is tried again. */
export interface RetryPolicy {
  /** Tries in all, at least 1. */
  readonly attempts: number
  /** Longest wait before the second try, ms; doubles with each further one. */
  readonly firstDelay: number
  /** No wait is longer, ms. */
  readonly longestDelay: number
}

/** Outside things that waiting needs. */
export interface RetryDelays {
  /** Resolves after so many milliseconds; rejects when `signal` is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** A failure that may pass. `retryAfter`: how long the server asked to wait, ms. */
export class PassingFailure extends Error {
  override readonly name = 'PassingFailure'
  readonly retryAfter: number | undefined
  constructor(message: string, options: { readonly retryAfter?: number | undefined; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.retryAfter = options.retryAfter
  }
}

/**
 * Calls `attempt` until it succeeds, fails with anything but a {@link PassingFailure}, or the tries are used up; the last
 * failure is thrown. Before try n it waits a uniform random time of at most firstDelay * 2^(n-2), capped ("full jitter",
 * Brooker 2015), or what the server asked for where that is longer, capped too.
 */
export async function retrying<T>(
  attempt: (tries: number) => Promise<T>,
  { attempts, firstDelay, longestDelay }: RetryPolicy,
  { sleep, random }: RetryDelays,
  signal?: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries)
    } catch (error) {
      if (!(error instanceof PassingFailure) || tries >= attempts || signal?.aborted === true) throw error
      const jittered = random() * Math.min(longestDelay, firstDelay * 2 ** (tries - 1))
      await sleep(Math.max(jittered, Math.min(error.retryAfter ?? 0, longestDelay)), signal)
    }
  }
}
