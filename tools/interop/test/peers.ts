import process from 'node:process'
import { findInterpreter } from '@breakwater/interop'
import { describe } from 'vitest'

const found = findInterpreter()
if (found.python === undefined) {
  if (!found.maySkip) throw new Error(`interop: ${found.reason}. CI=true does not allow to leave these tests out`)
  process.stderr.write(`interop: tests against Python libraries are skipped: ${found.reason}\n`)
}

/**
 * `describe` for tests that run Python libraries. Without an interpreter the tests are skipped and stderr says why; where
 * skipping is not allowed (CI=true) the test file fails instead.
 */
export const describePeers: typeof describe.skip = found.python === undefined ? describe.skip : describe
