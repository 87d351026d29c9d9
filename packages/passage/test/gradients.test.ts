import { first, firstGradient, hitGradient } from '@breakwater/passage'
import { describe, expect, test } from 'vitest'
import { uniformSource } from './random.ts'
import { distance, reference } from './reference.ts'

describe('derivatives', () => {
  test('agree with 50 digits', () => {
    const hitsOff = reference.hit.filter(([d, m, value, byDistance, byDrift]) => {
      const gradient = hitGradient(d, m)
      const errors = [
        distance(gradient.value, value),
        distance(gradient.byDistance, byDistance),
        distance(gradient.byDrift, byDrift),
      ]
      return !errors.every((error) => error < 1e-12)
    })
    const firstsOff = reference.first.filter(([x, y, m, value, byUp, byDown, byDrift]) => {
      const gradient = firstGradient(x, y, m)
      const errors = [
        distance(gradient.value, value),
        distance(gradient.byUp, byUp),
        distance(gradient.byDown, byDown),
        distance(gradient.byDrift, byDrift),
      ]
      return !errors.every((error) => error < 1e-11)
    })
    expect([...hitsOff, ...firstsOff]).toEqual([])
  })

  test('agree with finite differences, by log volatility too', () => {
    const uniform = uniformSource(11)
    const step = 1e-5
    const slope = (f: (h: number) => number): number => (f(step) - f(-step)) / (2 * step)
    const off: number[][] = []
    for (let i = 0; i < 2000; i++) {
      const x = 10 ** (uniform() * 2 - 1)
      const y = 10 ** (uniform() * 2 - 1)
      const m = 10 * (uniform() - 0.5)
      const gradient = firstGradient(x, y, m)
      const errors = [
        distance(
          gradient.byUp,
          slope((h) => first(x + h, y, m)),
        ),
        distance(
          gradient.byDown,
          slope((h) => first(x, y + h, m)),
        ),
        distance(
          gradient.byDrift,
          slope((h) => first(x, y, m + h)),
        ),
        distance(
          gradient.byLogVolatility,
          slope((h) => first(x * Math.exp(-h), y * Math.exp(-h), m * Math.exp(-h))),
        ),
      ]
      if (!errors.every((error) => error < 1e-6)) off.push([x, y, m, ...errors])
    }
    expect(off).toEqual([])
  })

  test('are 0 where the barrier has been passed', () => {
    expect(hitGradient(0, 2)).toEqual({ value: 1, byDistance: 0, byDrift: 0 })
    expect(firstGradient(-1, 1, 2)).toEqual({ value: 1, byUp: 0, byDown: 0, byDrift: 0, byLogVolatility: 0 })
  })
})
