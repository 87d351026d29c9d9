import { readMixTuning } from '@breakwater/models'
import { expect, test } from 'vitest'

test('numbers of the mix and the gate are taken as they are', () => {
  const tuning = { ensemble: { baseWeight: 0.8, weightRange: [0.1, 0.9] }, gate: { gammaStep: 0.5 } }
  expect(readMixTuning(tuning, 'tuning.json')).toEqual(tuning)
  expect(readMixTuning({}, 'tuning.json')).toEqual({})
})

test.each([
  [{ gate: { gammaSteps: 1 } }, 'models: tuning.json.gate: Unrecognized key: "gammaSteps".'],
  [{ ensemble: { baseWeight: '1' } }, 'models: tuning.json.ensemble.baseWeight: '],
  [[], 'models: tuning.json: '],
  [{ ensemble: { weightRange: [0.9, 0.1] } }, 'weightRange'],
  [{ gate: { mostBias: -1 } }, 'mostBias'],
])('%o is refused by name', (value, message) => {
  expect(() => readMixTuning(value, 'tuning.json')).toThrow(message)
})
