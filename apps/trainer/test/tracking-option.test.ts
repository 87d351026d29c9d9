import { expect, test } from 'vitest'
import { option } from '../src/options/option.ts'
import { SHARED_OPTIONS } from '../src/options/table.ts'
import { trackedSystems } from '../src/tracking/option.ts'

const parse = (text: string): unknown => option(SHARED_OPTIONS.tracking).parseArg?.(text, undefined)

test('the flag names one system, both or none', () => {
  expect(parse('mlflow')).toEqual(['mlflow'])
  expect(parse('wandb, mlflow')).toEqual(['mlflow', 'wandb'])
  expect(parse('none')).toEqual([])
})

test.each(['neptune', 'mlflow,none', '', 'mlflow,,wandb'])('the flag "%s" is refused with what it may be', (text) => {
  expect(() => parse(text)).toThrow(`"${text}" is not none, or one or more of mlflow, wandb with commas between.`)
})

test('the flag goes before BREAKWATER_TRACKING, and without either both systems record', () => {
  const env = { BREAKWATER_TRACKING: ' wandb ' }
  expect(trackedSystems({ tracking: [] }, env)).toEqual([])
  expect(trackedSystems({}, env)).toEqual(['wandb'])
  expect(trackedSystems({}, { BREAKWATER_TRACKING: 'none' })).toEqual([])
  expect(trackedSystems({}, { BREAKWATER_TRACKING: '' })).toEqual(['mlflow', 'wandb'])
  expect(trackedSystems({}, {})).toEqual(['mlflow', 'wandb'])
  expect(() => trackedSystems({}, { BREAKWATER_TRACKING: 'all' })).toThrow(
    'trainer: BREAKWATER_TRACKING=all: must be none, or one or more of mlflow, wandb with commas between.',
  )
})
