import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createPatience } from '@breakwater/tracking'
import type { Patience, TrackedRun } from '@breakwater/tracking'
import { mlflowServer, replayJournals } from '@breakwater/tracking/node'
import type { MlflowServerOptions } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { deferred, manualTimer } from './manual-timer.ts'
import { startDouble } from './mlflow-double.ts'
import type { Fault, MlflowDouble } from './mlflow-double.ts'
import { ID, left, made, START, WORKED } from './mlflow-job.ts'
import { seeOnServer } from './sinks.ts'

const DEADLINE = 30_000

/** Options whose waits between tries never end by themselves; `called` resolves when one begins. */
function patientOptions(double: MlflowDouble): {
  options: MlflowServerOptions
  warnings: string[]
  called: Promise<void>
} {
  const { options, warnings } = made(double)
  const called = deferred()
  const sleep = (_milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((_resolve, reject) => {
      called.resolve()
      const end = (): void => reject(new Error('woken up'))
      if (signal?.aborted === true) end()
      else signal?.addEventListener('abort', end, { once: true })
    })
  return { options: { ...options, waiting: { random: () => 0, sleep } }, warnings, called: called.promise }
}

async function recordWork(run: TrackedRun): Promise<void> {
  await run.params({ k: 50 })
  await run.metrics({ brier: 0.25 }, 0)
  await run.metrics({ brier: 0.2 }, 1)
  await run.artifact({ name: 'features', type: 'features', files: [{ path: 'features.txt', text: 'a\nb\n' }] })
}

const progressOf = ({ spool }: MlflowServerOptions, id: string): string =>
  readFileSync(join(spool, id, 'progress.json'), 'utf8')

/** Once the server is well again, a replay brings it all that the run recorded. */
async function expectReplayed(double: MlflowDouble, options: MlflowServerOptions): Promise<void> {
  expect(left(options)).toEqual([ID])
  double.fault = () => null
  expect(await replayJournals(options)).toMatchObject([{ outcome: 'sent' }])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
  expect(left(options)).toEqual([])
}

const HOSTILE: readonly (readonly [name: string, fault: Fault])[] = [
  ['a server that never answers', 'hang'],
  ['a server that never ends its answer', 'drip'],
  ['an answer without end', 'endless'],
  ['redirects for ever', { status: 302, body: '', headers: { location: '/api/2.0/mlflow/experiments/get-by-name' } }],
  ['429 with Retry-After of a day', { status: 429, body: '', headers: { 'retry-after': '86400' } }],
  ['503', { status: 503, body: '' }],
  ['connections that break', 'drop'],
]

test.each(HOSTILE)(
  'a job waits for %s as long as its deadline, once: the rest goes to disk, and a replay brings it',
  async (_name, fault) => {
    const double = await startDouble()
    const { options, warnings, called } = patientOptions(double)
    const hanging = deferred()
    double.onHang = hanging.resolve
    double.fault = () => fault
    const timer = manualTimer()
    const starting = mlflowServer(options).start(START, createPatience(DEADLINE, timer))
    // Its first request hangs, or it waits for the second.
    await Promise.race([hanging.promise, called])
    expect(timer.alarms()).toEqual([DEADLINE])
    timer.pass(DEADLINE)
    const run = await starting
    expect(run.places[0]).toContain('MLflow run, not sent yet')
    expect(warnings).toEqual([expect.stringContaining('does not answer in the time that a run waits')])
    await recordWork(run)
    // No time is left: the end waits for nothing, whatever the server does.
    await run.end('finished')
    expect(timer.alarms()).toEqual([])
    expect(warnings.at(-1)).toMatch(
      /not everything was sent: the run is kept in .* Send it later with: breakwater track replay/,
    )
    await expectReplayed(double, options)
  },
)

test('no more than an answer can hold is read of one without end, and the connection is closed', async () => {
  const double = await startDouble()
  const { options, called } = patientOptions(double)
  const closed = deferred()
  double.onClose = closed.resolve
  double.fault = () => 'endless'
  const timer = manualTimer()
  const starting = mlflowServer(options).start(START, createPatience(DEADLINE, timer))
  await called
  await closed.promise
  expect(double.endless).toBeGreaterThanOrEqual(2 ** 24)
  expect(double.endless).toBeLessThan(2 ** 26)
  timer.pass(DEADLINE)
  await (await starting).end('failed')
})

test('a server that falls silent during the job costs what is left of the deadline at its end', async () => {
  const double = await startDouble()
  const { options, warnings } = patientOptions(double)
  const timer = manualTimer()
  const run = await mlflowServer(options).start(START, createPatience(DEADLINE, timer))
  const hanging = deferred()
  double.onHang = hanging.resolve
  double.fault = () => 'hang'
  await recordWork(run)
  await hanging.promise
  timer.pass(600_000)
  const ending = run.end('finished')
  await expect.poll(() => timer.alarms()).toEqual([DEADLINE])
  timer.pass(DEADLINE)
  await ending
  expect(warnings).toEqual([expect.stringContaining('not everything was sent')])
  await expectReplayed(double, options)
})

test('runs after one that waited in vain do not wait, until the server has taken something', async () => {
  const double = await startDouble()
  const { options } = patientOptions(double)
  const tracker = mlflowServer(options)
  const timer = manualTimer()
  const patience = (): Patience => createPatience(DEADLINE, timer)
  const hanging = deferred()
  double.onHang = hanging.resolve
  double.fault = () => 'hang'
  const starting = tracker.start(START, patience())
  await hanging.promise
  timer.pass(DEADLINE)
  await (await starting).end('finished')

  const next = await tracker.start({ ...START, id: 'c3'.repeat(16) }, patience())
  expect(timer.alarms()).toEqual([])
  await next.end('finished')
  expect(left(options)).toEqual([ID, 'c3'.repeat(16)])

  double.fault = () => null
  const well = await tracker.start({ ...START, id: 'd4'.repeat(16) }, patience())
  await expect.poll(() => progressOf(options, 'd4'.repeat(16))).toContain('"sent":1')
  await well.end('finished')
  expect(await tracker.start({ ...START, id: 'e5'.repeat(16) }, patience())).toMatchObject({
    places: [expect.stringContaining(`${double.uri}/#/experiments/`)],
  })
})

test('a server whose first word comes too late is not waited for, and gets the rest as the job goes on', async () => {
  const double = await startDouble()
  const { options } = patientOptions(double)
  const timer = manualTimer()
  const held = deferred()
  const late: typeof fetch = async (...request) => {
    await held.promise
    return fetch(...request)
  }
  const starting = mlflowServer({ ...options, network: { ...options.network, fetch: late } }).start(
    START,
    createPatience(DEADLINE, timer),
  )
  await expect.poll(() => timer.alarms()).toEqual([DEADLINE])
  timer.pass(DEADLINE)
  const run = await starting
  held.resolve()
  await recordWork(run)
  await expect.poll(() => double.runs[0]?.artifacts.size).toBe(1)
  await run.end('finished')
  await expectReplayed(double, options)
})

test('an address that takes connections and never speaks is a server that hangs', async () => {
  const connected = deferred()
  const mute = createServer((socket) => {
    socket.on('error', () => undefined)
    connected.resolve()
  })
  await new Promise<void>((resolve) => {
    mute.listen(0, '127.0.0.1', resolve)
  })
  const { port } = mute.address() as AddressInfo
  const { options, warnings } = made({ uri: `http://127.0.0.1:${port}` })
  const timer = manualTimer()
  const starting = mlflowServer(options).start(START, createPatience(DEADLINE, timer))
  await connected.promise
  timer.pass(DEADLINE)
  const run = await starting
  await recordWork(run)
  await run.end('finished')
  expect(left(options)).toEqual([ID])
  expect(warnings).toHaveLength(2)
  mute.close()
})
