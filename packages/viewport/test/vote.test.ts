import { describe, expect, test } from 'vitest'
import { mixBreak, neighbourVote } from '@breakwater/viewport'

describe('neighbourVote', () => {
  test('takes how unlike the touch is from its percentile, so that 0.6 is within reach at any number of columns', () => {
    const vote = neighbourVote({ pBreakGivenTradeable: 0.9, distancePercentile: 0.25, entropy: 0.5 })
    expect(vote).toStrictEqual({ breakGivenTradeable: 0.9, similarity: 0.75, entropy: 0.5 })
    // tree 0.3, weight 0.7 - 0.3 + 0.2 = 0.6, mix 0.54; they differ by 0.6, so 0.3 of the way to one half
    const { mixWeight, disagreementPenalty, breakGivenTradeable } = mixBreak(0.3, vote)
    expect([mixWeight, disagreementPenalty]).toStrictEqual([expect.closeTo(0.6, 12), expect.closeTo(0.3, 12)])
    expect(breakGivenTradeable).toBeCloseTo(0.54 - 0.3 * 0.04, 12)
  })

  test('is missing, with the reason, where the neighbours know nothing', () => {
    const none = { missing: 'no neighbour broke or bounced' }
    expect(neighbourVote({ pBreakGivenTradeable: null, distancePercentile: 0.2, entropy: 0 })).toStrictEqual(none)
    expect(neighbourVote({ pBreakGivenTradeable: null, distancePercentile: null, entropy: null })).toStrictEqual(none)
    expect(neighbourVote({ pBreakGivenTradeable: 0.4, distancePercentile: null, entropy: 0.6 })).toStrictEqual({
      missing: 'the index has no distances to compare with',
    })
    expect(mixBreak(0.3, none)).toMatchObject({ breakGivenTradeable: 0.3, mixWeight: 1, reason: none.missing })
  })
})
