// Installs Chromium for the tests of pages: `npm run browser`. Ends with 0 where it is there, and where this machine
// cannot have one (it says so), unless CI=true: there only BREAKWATER_CHROMIUM=off is a way out. Ends with 1 where
// apt-get ran and failed.
import process from 'node:process'
import { installChromium } from './installation.ts'

const { env } = process
const say = (text: string): boolean => process.stderr.write(`browser: ${text}\n`)

if (env['BREAKWATER_CHROMIUM'] === 'off') say('switched off by BREAKWATER_CHROMIUM=off')
else {
  const result = installChromium()
  if ('path' in result) say(`${result.status}: ${result.path}`)
  else {
    say(`${result.status}: ${result.reason}`)
    if (env['CI'] === 'true' || result.status === 'broken') process.exitCode = 1
    else say('tests of pages will be skipped')
  }
}
