import { createLawReference, questionsOf } from '@breakwater/monitor'
import type { Models, PathForecaster, PathMoment, Predictions } from '@breakwater/viewport'
import { expect, test } from 'vitest'

/** A forecaster that says `value` of everything, more by the first number of the moment. */
const fakePath = (value: number): PathForecaster => ({
  heads: ['t1_60s', 'tradeable_2', 'p_touch_60s'],
  width: 1,
  windowSeconds: 480,
  forecast({ numbers }, out) {
    out.values.fill(value + (numbers[0] as number))
    return { known: 0, asked: 0 }
  },
})
const moment = (price: number, isTouched: boolean, number = 0): PathMoment => ({
  price,
  numbers: Float64Array.of(number),
  row: null,
  approach: isTouched ? null : Float64Array.of(0),
})
const room = (): Predictions => {
  return { values: new Float64Array(3), low: new Float64Array(3), high: new Float64Array(3) }
}
const none = { predictor: null, neighbours: null }

test('the law alone is asked about the paths of a tick, found by price and by whether they were touched', () => {
  const reference = createLawReference()
  const models: Models = { stage_a: { ...none, path: fakePath(0.5), law: fakePath(0.25) }, stage_b: none }
  const wrapped = reference.wrap(models)
  expect(wrapped.stage_b).toBe(models.stage_b)
  const out = room()
  for (const one of [moment(500, true, 0.125), moment(500, false, 0.5), moment(501, true), moment(501, true)]) {
    wrapped.stage_a.path?.forecast(one, out)
  }
  expect(out.values[0]).toBe(0.5)
  const questions = questionsOf({ horizons: [60] })
  const named = (price: number, isTouched: boolean): Record<string, number> => {
    const numbers = reference.numbersOf(questions, price, isTouched) ?? []
    const entries = questions.map(({ name }, q) => [name, numbers[q] as number] as const)
    return Object.fromEntries(entries.filter(([, value]) => !Number.isNaN(value)))
  }
  const [touched, before] = [named(500, true), named(500, false)]
  expect(touched).toEqual({ t1_60s: 0.375, tradeable_2: 0.375, touch_60s: 0.375 })
  expect(before['touch_60s']).toBe(0.75)
  // Two paths at one price are not told apart.
  expect(reference.numbersOf(questions, 501, true)).toBeNull()
  reference.forget()
  expect(reference.numbersOf(questions, 500, true)).toBeNull()
})
