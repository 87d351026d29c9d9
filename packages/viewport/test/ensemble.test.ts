import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mixBreak } from '@breakwater/viewport'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const vote = fc.record({ breakGivenTradeable: share, similarity: share, entropy: share })

const weightAt = (similarity: number, entropy: number): number =>
  mixBreak(0.5, { breakGivenTradeable: 0.5, similarity, entropy }).mixWeight

const penalty = (tree: number, similarity: number): number =>
  mixBreak(tree, { breakGivenTradeable: 0.25, similarity, entropy: 0.5 }).disagreementPenalty

describe('mixBreak', () => {
  test('weighs the tree by similarity and entropy, worked by hand', () => {
    // 0.7 - 0.4 x 0.5 + 0.4 x 0.25 = 0.6; 0.6 x 0.7 + 0.4 x 0.5 = 0.62
    const mixed = mixBreak(0.7, { breakGivenTradeable: 0.5, similarity: 0.5, entropy: 0.25 })
    expect(mixed.mixWeight).toBeCloseTo(0.6, 12)
    expect(mixed.breakGivenTradeable).toBeCloseTo(0.62, 12)
    expect(mixed.bounceGivenTradeable).toBeCloseTo(0.38, 12)
    expect(mixed.contributions).toStrictEqual({
      tree: expect.closeTo(0.42, 12) as number,
      neighbours: expect.closeTo(0.2, 12) as number,
      shrinkage: 0,
    })
    expect(mixed).toMatchObject({ disagreementPenalty: 0, reason: null })
  })

  test('keeps the weight within its bounds', () => {
    expect(weightAt(1, 0)).toBeCloseTo(0.3, 12)
    expect(weightAt(0, 1)).toBe(0.8)
    const low = { breakGivenTradeable: 0.5, similarity: 1, entropy: 0 }
    expect(mixBreak(0.5, low, { similarityWeight: 0.9 }).mixWeight).toBe(0.2)
  })

  test('moves toward one half where similar neighbours disagree, worked by hand', () => {
    // w = 0.7 - 0.24 = 0.46; 0.46 x 0.9 + 0.54 x 0.4 = 0.63; difference 0.5, penalty 0.25: 0.63 - 0.25 x 0.13
    const mixed = mixBreak(0.9, { breakGivenTradeable: 0.4, similarity: 0.6, entropy: 0 })
    expect(mixed.difference).toBeCloseTo(0.5, 12)
    expect(mixed.disagreementPenalty).toBeCloseTo(0.25, 12)
    expect(mixed.breakGivenTradeable).toBeCloseTo(0.5975, 12)
    expect(mixed.contributions.shrinkage).toBeCloseTo(-0.0325, 12)
  })

  test('punishes disagreement from its two limits on, and not below either', () => {
    expect(penalty(0.75, 0.6)).toBe(0.25)
    expect(penalty(0.75, 0.59)).toBe(0)
    expect(penalty(0.64, 0.9)).toBe(0)
    expect(mixBreak(1, { breakGivenTradeable: 0, similarity: 1, entropy: 0 }).disagreementPenalty).toBe(0.5)
  })

  test('lets the tree stand alone without neighbours, and says why', () => {
    const mixed = mixBreak(0.7, { missing: 'USER_HOTZONE has no history' })
    expect(mixed).toStrictEqual({
      breakGivenTradeable: 0.7,
      bounceGivenTradeable: 1 - 0.7,
      mixWeight: 1,
      difference: null,
      disagreementPenalty: 0,
      contributions: { tree: 0.7, neighbours: 0, shrinkage: 0 },
      reason: 'USER_HOTZONE has no history',
    })
  })

  test('is a probability between the parts and one half, the sum of its contributions, and the same upside down', () => {
    fc.assert(
      fc.property(share, vote, (tree, neighbours) => {
        const mixed = mixBreak(tree, neighbours)
        const parts = [tree, neighbours.breakGivenTradeable, 0.5]
        expect(mixed.breakGivenTradeable).toBeGreaterThanOrEqual(Math.min(...parts) - 1e-12)
        expect(mixed.breakGivenTradeable).toBeLessThanOrEqual(Math.max(...parts) + 1e-12)
        const { contributions } = mixed
        const sum = contributions.tree + contributions.neighbours + contributions.shrinkage
        expect(mixed.breakGivenTradeable).toBeCloseTo(sum, 12)
        expect(mixed.mixWeight).toBeGreaterThanOrEqual(0.2)
        expect(mixed.mixWeight).toBeLessThanOrEqual(0.8)
        const upsideDown = mixBreak(1 - tree, {
          ...neighbours,
          breakGivenTradeable: 1 - neighbours.breakGivenTradeable,
        })
        // at the very edge of a limit rounding may decide either way
        fc.pre(Math.abs((mixed.difference ?? 0) - 0.4) > 1e-9)
        expect(upsideDown.breakGivenTradeable).toBeCloseTo(1 - mixed.breakGivenTradeable, 9)
      }),
    )
  })

  test('refuses what is out of range, naming it', () => {
    const ok = { breakGivenTradeable: 0.5, similarity: 0.5, entropy: 0.5 }
    expect(() => mixBreak(Number.NaN, ok)).toThrow('viewport: tree=NaN: must lie in [0, 1].')
    expect(() => mixBreak(0.5, { ...ok, breakGivenTradeable: Number.NaN })).toThrow(
      'viewport: neighbours.breakGivenTradeable=NaN: must lie in [0, 1]. Pass { missing } where no neighbour was tradeable.',
    )
    expect(() => mixBreak(0.5, { ...ok, entropy: 1.0986 })).toThrow(
      'viewport: neighbours.entropy=1.0986: must lie in [0, 1]. Divide it by the logarithm of the number of outcomes.',
    )
    expect(() => mixBreak(0.5, { ...ok, similarity: 12 })).toThrow('viewport: neighbours.similarity=12')
    expect(() => mixBreak(0.5, ok, { weightRange: [0.8, 0.2] })).toThrow('viewport: options.weightRange[1]=0.2')
    expect(() => mixBreak(0.5, ok, { baseWeight: Number.NaN })).toThrow('viewport: options.baseWeight=NaN')
  })
})
