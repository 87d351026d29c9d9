import { expect, test } from 'vitest'
import { anchorNamed } from '@breakwater/models/patchtst'

test('a model record names one of the anchors', () => {
  expect(anchorNamed('8min', 'patchtst.onnx')).toBe('8min')
  expect(() => anchorNamed(null, 'patchtst.onnx')).toThrow(
    'models: patchtst.onnx: anchor=null: must be one of 2min, 4min, 8min.',
  )
})
