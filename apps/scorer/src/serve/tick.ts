import type { Answer } from '@breakwater/bus'
import { type MessageFault, publishable, readMessage } from '@breakwater/viewport'
import type { AnyScorer } from '../embedded/scorer.ts'

/**
 * Why a message is not scored. malformed, too_large, too_deep: it holds no snapshot. late: older than allowed. overtaken: a
 * newer one came before its turn. scored_before: it has a `viewport` already, so some scorer publishes where this one reads.
 * failed: a defect of the scorer; the log has it.
 */
export type DropReason = MessageFault | 'late' | 'overtaken' | 'scored_before' | 'failed'

/** When a message is too old. */
export interface AgeLimit {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds; 0 sets no limit. */
  readonly most: number
}

/**
 * Scores a message from outside: what can be published of the JSON object in it, with `viewport` added. A snapshot that
 * cannot be scored is a payload whose viewport has the reason.
 */
export function answerTo(
  scorer: AnyScorer,
  data: Uint8Array,
  age: AgeLimit,
): Answer<{ readonly viewport?: object }> & { readonly dropped?: DropReason } {
  const read = readMessage(data, scorer.limits)
  if (read.fault !== undefined) return { dropped: read.fault, message: read.message }
  const { value } = read
  if (Object.hasOwn(value, 'viewport')) return { dropped: 'scored_before', message: 'has a viewport already' }
  const ts: unknown = Reflect.get(value, 'ts')
  if (age.most > 0 && typeof ts === 'number' && age.now - ts > age.most) {
    return { dropped: 'late', message: `is ${age.now - ts} ms old, and ${age.most} are allowed` }
  }
  const viewport = scorer.viewportOf(value)
  return { payload: viewport === undefined ? value : { ...publishable(value, scorer.limits), viewport } }
}
