import type { ViewportScorer } from '../embedded/scorer.ts'

/**
 * Why a message is not scored. malformed: no JSON object. late: older than allowed. overtaken: a newer one came before
 * its turn. scored_before: it has a `viewport` already, so some scorer publishes where this one reads.
 */
export type DropReason = 'malformed' | 'late' | 'overtaken' | 'scored_before'

/** What became of a message: the payload, or why there is none. */
export type Answer =
  | { readonly payload: object }
  | { readonly dropped: DropReason; readonly message: string; readonly payload?: undefined }

/** When a message is too old. */
export interface AgeLimit {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds; 0 sets no limit. */
  readonly most: number
}

/**
 * Scores a message from outside: the JSON object in it with `viewport` added and all else as it was. A snapshot that
 * cannot be scored is a payload whose viewport says why.
 */
export function answerTo(scorer: ViewportScorer, data: Uint8Array, age: AgeLimit): Answer {
  const value = objectIn(data)
  if (value === null) return { dropped: 'malformed', message: 'is not a JSON object' }
  if ('viewport' in value) return { dropped: 'scored_before', message: 'has a viewport already' }
  const ts: unknown = Reflect.get(value, 'ts')
  if (age.most > 0 && typeof ts === 'number' && age.now - ts > age.most) {
    return { dropped: 'late', message: `is ${age.now - ts} ms old, and ${age.most} are allowed` }
  }
  const viewport = scorer.viewportOf(value)
  return { payload: viewport === undefined ? value : { ...value, viewport } }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function objectIn(data: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(data))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
