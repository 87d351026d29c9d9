import { MODEL_DEFAULTS } from '@breakwater/patchtst'
import { expect, test } from 'vitest'

test('the defaults are those of the sequence baseline', () => {
  const { patchLength, stride, layers, width, heads, feedForward, dropout } = MODEL_DEFAULTS
  expect({ patchLength, stride, layers, width, heads, feedForward, dropout }).toEqual({
    patchLength: 16,
    stride: 8,
    layers: 4,
    width: 128,
    heads: 4,
    feedForward: 256,
    dropout: 0.1,
  })
})
