import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { option } from '../src/options/option.ts'
import { SHARED_OPTIONS } from '../src/options/table.ts'
import { createProgram } from '../src/program.ts'
import { trackedSystems } from '../src/tracking/option.ts'
import { testContext } from './test-context.ts'

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

test('without runs on disk a replay says that there is nothing to send, and what to run', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'breakwater-track-'))
  let said = ''
  const context = {
    ...testContext(cwd),
    env: { MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' },
    terminal: { out: (text: string) => (said += text), err: () => undefined, interactive: false, width: 100 },
  }
  try {
    await (await createProgram(context, ['track'])).parseAsync(['track', 'replay'], { from: 'user' })
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
  expect(said).toBe('no runs are kept on disk: there is nothing to send\nNext: breakwater runs\n')
})
