import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { findInterpreter, installEnvironment, scratchFolder } from '@breakwater/interop'
import type { Installation, ScratchFolder } from '@breakwater/interop'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withoutPeers } from './peers.ts'

let folder: ScratchFolder
beforeEach(() => {
  folder = scratchFolder()
  requirements('')
})
afterEach(() => folder.remove())

const requirements = (text: string): void => writeFileSync(join(folder.path, 'requirements.txt'), text)
const missing = 'no Python environment, or one of older requirements: run `npm run interop`'

describe('finding the interpreter', () => {
  test('without an environment it names the command, and only CI may not skip', () => {
    expect(findInterpreter({}, folder.path)).toEqual({ python: undefined, reason: missing, maySkip: true })
    expect(findInterpreter({ CI: 'true' }, folder.path)).toEqual({ python: undefined, reason: missing, maySkip: false })
  })

  test('BREAKWATER_PYTHON is used as it is, and must exist', () => {
    expect(findInterpreter({ BREAKWATER_PYTHON: process.execPath }, folder.path)).toEqual({ python: process.execPath })
    expect(() => findInterpreter({ BREAKWATER_PYTHON: '/nowhere/python' })).toThrow(
      'interop: BREAKWATER_PYTHON=/nowhere/python: no such file. Name a Python interpreter, or unset it',
    )
  })

  test('BREAKWATER_INTEROP=off lets even CI skip', () => {
    const env = { BREAKWATER_INTEROP: 'off', CI: 'true', BREAKWATER_PYTHON: process.execPath }
    const reason = 'switched off by BREAKWATER_INTEROP=off'
    expect(findInterpreter(env, folder.path)).toEqual({ python: undefined, reason, maySkip: true })
  })

  test('an environment with the stamp of other requirements is not used', () => {
    mkdirSync(join(folder.path, '.venv'))
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    writeFileSync(join(folder.path, '.venv', '.stamp'), empty)
    expect(findInterpreter({}, folder.path).python).toContain(join(folder.path, '.venv'))
    requirements('numpy==1.0.0\n')
    expect(findInterpreter({}, folder.path)).toMatchObject({ python: undefined, reason: missing })
  })
})

const reasonOf = (result: Installation): string => ('reason' in result ? result.reason : '')

test('a machine without Python cannot have the environment, and hears why', () => {
  const result = installEnvironment({ folder: folder.path, base: 'no-such-python' })
  expect(result.status).toBe('unavailable')
  expect(reasonOf(result)).toContain('no-such-python is missing or older than 3.11')
})

describe.skipIf(withoutPeers)('making the environment', () => {
  test('is done once', () => {
    // With BREAKWATER_PYTHON there may be no environment of our own.
    const { python } = findInterpreter({})
    const result = python === undefined ? undefined : installEnvironment()
    expect(result).toEqual(python === undefined ? undefined : { status: 'present', python })
  })

  test('a registry out of reach is no fault of the packages', () => {
    requirements('no-such-package-of-breakwater==1.0.0\n')
    const env = { ...process.env, PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '0' }
    const result = installEnvironment({ folder: folder.path, env })
    expect(result.status).toBe('unavailable')
    expect(reasonOf(result)).toContain('pip reaches no registry')
  })

  test('packages that do not install or do not load are, and leave no stamp', () => {
    requirements('./no-such-file-1.0.0-py3-none-any.whl\n')
    const uninstallable = installEnvironment({ folder: folder.path })
    expect(uninstallable.status).toBe('broken')
    expect(reasonOf(uninstallable)).toContain('pip install failed')
    requirements('')
    const unloadable = installEnvironment({ folder: folder.path })
    expect(unloadable.status).toBe('broken')
    expect(reasonOf(unloadable)).toMatch(/loading the libraries failed\n.*No module named 'lightgbm'/s)
    expect(existsSync(join(folder.path, '.venv', '.stamp'))).toBe(false)
  })
})
