// Makes the Python environment of the peers: `npm run interop`. Ends with 0 where it is ready, and where this machine
// cannot have one (it says so), unless CI=true: there a missing peer is a failure, and only BREAKWATER_INTEROP=off is a
// way out. Ends with 1 where pip worked and something broke.
import process from 'node:process'
import { installEnvironment } from './environment.ts'
import { findInterpreter } from './interpreter.ts'

const { env } = process
const say = (text: string): boolean => process.stderr.write(`interop: ${text}\n`)

if (env['BREAKWATER_INTEROP'] === 'off') say('switched off by BREAKWATER_INTEROP=off')
else if ((env['BREAKWATER_PYTHON'] ?? '') !== '') {
  findInterpreter(env)
  say(`BREAKWATER_PYTHON=${env['BREAKWATER_PYTHON']} is used as it is`)
} else {
  const result = installEnvironment()
  if ('python' in result) {
    say(result.status === 'present' ? 'the Python environment is up to date' : `ready: ${result.python}`)
  } else {
    const inCi = env['CI'] === 'true'
    say(`${result.status === 'broken' ? 'the Python environment is broken' : 'not available'}: ${result.reason}`)
    if (inCi && result.status === 'unavailable') say('CI=true: checks against the peers may not be left out')
    if (inCi || result.status === 'broken') process.exitCode = 1
    else say('tests against Python libraries will be skipped')
  }
}
