import { mixBreak, mixGiven, type MixKind, shiftLogit } from '@breakwater/viewport'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true })
const vote = fc.record({
  breakGivenTradeable: fc.double({ min: 0, max: 1, noNaN: true }),
  similarity: probability,
  entropy: probability,
})
const reasons = { neighbours: 'neighbours: left out', gate: 'the gate: left out' }
const logit = (p: number): number => Math.log(p / (1 - p))
const settings = (mix: MixKind, neighbours: number | null = null, gate: number | null = null) =>
  ({ mix, fitted: { neighbours, gate, reasons }, ensemble: {} }) as const

describe('neighbours and gate', () => {
  test('fitted, move log odds by the share to those of the neighbours, and by the factor of the bias', () => {
    fc.assert(
      fc.property(probability, vote, probability, fc.constantFrom(-2, -1, 0, 1, 2), (p, one, share, breakLogitBias) => {
        const { given, mixed, ensemble, gateReason } = mixGiven(
          p,
          one,
          { breakLogitBias },
          settings('fitted', share, 0.5),
        )
        const to = Math.min(0.98, Math.max(0.02, one.breakGivenTradeable))
        const odds = logit(p) + share * (logit(to) - logit(p))
        expect(mixed).toBeCloseTo(1 / (1 + Math.exp(-odds)), 10)
        expect(given).toBeCloseTo(1 / (1 + Math.exp(-odds - 0.5 * breakLogitBias)), 10)
        const { tree, neighbours, shrinkage } = ensemble.contributions
        expect(tree + neighbours + shrinkage).toBeCloseTo(mixed, 12)
        expect([ensemble.mix_weight, ensemble.reason, gateReason]).toEqual([1 - share, null, null])
      }),
    )
  })

  test('are left out, with the reason, where no term is used, nothing was fitted, or the mix is none', () => {
    fc.assert(
      fc.property(probability, vote, (p, one) => {
        const gate = { breakLogitBias: 2 }
        const left = mixGiven(p, one, gate, settings('fitted'))
        expect([left.given, left.ensemble.reason, left.gateReason]).toEqual([p, reasons.neighbours, reasons.gate])
        const none = mixGiven(p, one, gate, settings('none', 0.5, 1))
        expect([none.given, none.gateReason]).toEqual([p, 'no weight: the mix is none'])
        const without = mixGiven(p, one, gate, { mix: 'fitted', fitted: null, ensemble: {} })
        expect([without.given, without.ensemble.reason]).toEqual([
          p,
          'neighbours have no weight: training fitted no mix',
        ])
      }),
    )
  })

  test('documented, are the hand-set formulas to the bit', () => {
    fc.assert(
      fc.property(probability, vote, fc.constantFrom(-2, 0, 1), (p, one, breakLogitBias) => {
        const { given, mixed } = mixGiven(p, one, { breakLogitBias }, settings('documented', 0.5, 1))
        const byHand = mixBreak(p, one).breakGivenTradeable
        expect([mixed, given]).toEqual([byHand, shiftLogit(byHand, breakLogitBias)])
      }),
    )
  })

  test.each(['fitted', 'none', 'documented'] as const)('leave what is certain, and do without a vote (%s)', (mix) => {
    const gate = { breakLogitBias: 1 }
    for (const p of [0, 1]) {
      const missing = mixGiven(p, { missing: 'no neighbour broke or bounced' }, gate, settings(mix, 0.5, 1))
      expect([missing.given, missing.ensemble.reason]).toEqual([p, 'no neighbour broke or bounced'])
    }
    const sure = { breakGivenTradeable: 0.5, similarity: 0.5, entropy: 0.5 }
    expect(mixGiven(1, sure, gate, settings('fitted', 0.5, 1)).given).toBe(1)
  })
})
