import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { openTracker, readConfiguration, redactor } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { startDouble } from './mlflow-double.ts'
import { tickingClock } from './sinks.ts'
import { temporaryFolder } from './temporary.ts'

const KEY = 'wandbkey'.repeat(5)
const PASSWORD = 'correct horse battery'
const TOKEN = 'mlflow-token-98765'
const FORMS = [KEY, PASSWORD, TOKEN].flatMap((secret) => [secret, encodeURIComponent(secret), btoa(secret)])
const BASIC = btoa(`ann:${PASSWORD}`)
const BASIC_KEY = btoa(`api:${KEY}`)

const ID = '9a'.repeat(16)

test('keys, passwords and tokens are in no file, no word and no error, whatever servers and programs say', async () => {
  const double = await startDouble()
  // A server that sends back what it was given, as a badly set up proxy does.
  double.fault = (path) =>
    path === 'runs/log-batch'
      ? {
          status: 500,
          body: `${double.requests.at(-1)?.authorization} ${PASSWORD} ${TOKEN} ${encodeURIComponent(PASSWORD)}`,
        }
      : null
  const folder = temporaryFolder()
  const bin = temporaryFolder()
  writeFileSync(
    join(bin, 'wandb'),
    `#!${process.execPath}\nconsole.error('wandb: ERROR 401', process.env.WANDB_API_KEY); process.exit(1)\n`,
  )
  chmodSync(join(bin, 'wandb'), 0o755)
  const env = {
    PATH: bin,
    WANDB_API_KEY: KEY,
    // Nothing but the double is asked: it knows no such path, which says nothing about the key.
    WANDB_BASE_URL: double.uri,
    MLFLOW_TRACKING_URI: double.uri.replace('http://', `http://ann:${encodeURIComponent(PASSWORD)}@`),
    MLFLOW_TRACKING_TOKEN: TOKEN,
  }
  const said: string[] = []
  const configuration = readConfiguration({ systems: ['mlflow', 'wandb'], env, cwd: folder, folder })
  const tracker = openTracker({
    configuration,
    spool: join(folder, 'spool'),
    user: 'ann',
    env,
    clock: tickingClock(),
    random: () => 0,
    show: (line) => void said.push(line),
    replayCommand: 'breakwater track replay',
  })
  const run = await tracker.start({ id: ID, name: 'n', job: 'calibration', tags: { stage: 'stage_b' } })
  await run.params({ k: 1 })
  await run.artifact({ name: 'a', type: 'b', files: [{ path: 'f', text: 'x' }] })
  const error = await run.end('finished').catch((thrown: unknown) => thrown)
  expect(String(error)).toContain('W&B auth failure')
  expect(double.requests.some(({ authorization }) => authorization === `Basic ${BASIC}`)).toBe(true)
  expect(said.some((line) => line.includes('wandb: ERROR 401 ***'))).toBe(true)
  expect(said.some((line) => /HTTP 500.*\*\*\*/.test(line))).toBe(true)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(4)
  const texts = [
    ...said,
    ...run.places,
    error instanceof Error ? `${error.message} ${error.stack}` : '',
    ...files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')),
  ]
  const leaks = texts.filter((text) => [...FORMS, BASIC, BASIC_KEY].some((form) => text.includes(form)))
  expect(leaks).toEqual([])
})

test('a redactor takes out longer secrets first and leaves very short ones, which would hide words', () => {
  const redact = redactor(['secret', 'secret-longer', 'ab', undefined])
  expect(redact('secret-longer secret ab')).toBe('*** *** ab')
})
