import process from 'node:process'
import { findInterpreter } from '@breakwater/interop'

const found = findInterpreter()
if (found.python === undefined) {
  if (!found.maySkip) throw new Error(`interop: ${found.reason}. CI=true does not allow to leave these tests out`)
  process.stderr.write(`interop: tests against Python libraries are skipped: ${found.reason}\n`)
}

/**
 * Whether tests that run Python libraries are skipped; stderr then says why. Where skipping is not allowed (CI=true) the test
 * file fails instead.
 */
export const withoutPeers: boolean = found.python === undefined
