import { headName, PRIMARY_ANCHOR } from '@breakwater/features'
import { probabilityHeads, type HeadSpec } from '@breakwater/models'
import { createSurface, defaultExperts, DIRECTIONS, incoherence } from '@breakwater/passage'
import { type MixKind, pathPlaces, serve, type ServeSettings } from '@breakwater/viewport'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

const SPEC: HeadSpec = { thresholds: [1, 2], horizons: [60, 120, 180, 300], window: 480 }
const NAMES = probabilityHeads(SPEC)
const experts = defaultExperts()
const law = { version: 1, experts, weights: experts.map(() => 1 / experts.length), breakShare: 0.5 } as const
const surface = createSurface(law, SPEC)
const DIRECTION = NAMES.indexOf(headName({ kind: 'direction' }, PRIMARY_ANCHOR))

const settings = (mix: MixKind): ServeSettings => ({
  places: pathPlaces(NAMES, SPEC.horizons),
  path: pathPlaces(NAMES, SPEC.horizons),
  thresholds: SPEC.thresholds,
  windowSeconds: SPEC.window,
  cost: 0,
  ensemble: {},
  gate: {},
  mix,
  fitted: { neighbours: 0.8, gate: 1.5, reasons: { neighbours: '', gate: '' } },
})

test.each(['none', 'fitted', 'documented'] as const)(
  'a surface is coherent with the mix %s, and moves in direction alone, toward the neighbours and as the gate says',
  (mix) => {
    let moved = 0
    fc.assert(
      fc.property(
        fc.double({ min: -1.9, max: 1.9, noNaN: true }),
        fc.double({ min: 0.05, max: 1.5, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('WALL', 'VACUUM'),
        (displacement, sigma, tilt, breakGivenTradeable, barrier) => {
          const values = new Float64Array(surface.questions.length)
          surface.at(
            { displacement, sigma },
            { tilt, slopes: new Float64Array(DIRECTIONS.length * values.length) },
            values,
          )
          const none = new Float64Array(values.length).fill(Number.NaN)
          const touch = {
            row: {
              barrier_state: barrier,
              fuel_effect: barrier === 'WALL' ? 'DAMPEN' : 'AMPLIFY',
              tape_imbalance: barrier === 'WALL' ? -0.5 : 0.5,
              gamma_exposure: null,
            },
            sign: 1 as const,
            moved: null,
            neighbours: { vote: { breakGivenTradeable, similarity: 0.7, entropy: 0.4 }, summary: null },
            path: { displacement, isTouched: true },
            sinceAnchorS: 0,
          }
          const scores = serve({ values, low: none, high: none }, touch, settings(mix))
          const own = values[DIRECTION] ?? Number.NaN
          const given = scores.p_break_given_tradeable ?? Number.NaN
          const served = values.slice()
          served[DIRECTION] = given
          expect(incoherence(SPEC, served)).toBeLessThan(1e-6)
          const left = scores.p_tradeable_2 ?? Number.NaN
          expect(scores.p_break).toBeCloseTo(left * given, 12)
          expect((scores.p_break ?? 0) + (scores.p_bounce ?? 0)).toBeCloseTo(left, 12)
          if (Math.abs(given - own) > 1e-3) moved += 1
        },
      ),
      { numRuns: 400 },
    )
    expect(moved > 100).toBe(mix !== 'none')
  },
)
