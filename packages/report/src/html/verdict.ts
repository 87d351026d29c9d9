import type { Score } from '@breakwater/evaluation'

/** The verdict of a score's interval about skill. */
export interface Verdict {
  readonly kind: 'better' | 'worse' | 'unclear' | 'absent'
  readonly words: string
}

/** Compares a score's interval with the value that means no skill. */
export function verdict({ estimate, low, high }: Score, noSkill: number, than: string): Verdict {
  if (estimate === null) return { kind: 'absent', words: 'No score' }
  if (low === null || high === null) return { kind: 'unclear', words: 'No interval, so no verdict' }
  if (low > noSkill) return { kind: 'better', words: `Better than ${than}` }
  if (high < noSkill) return { kind: 'worse', words: `Worse than ${than}` }
  return { kind: 'unclear', words: `Not distinguishable from ${than}` }
}

/** A sign beside the words. */
export const SIGNS = { better: '▲', worse: '▼', unclear: '○', absent: '–' } as const
