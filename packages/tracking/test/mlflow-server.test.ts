import { mlflowServer, replayJournals } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { startDouble } from './mlflow-double.ts'
import { ID, left, made, START, work, WORKED } from './mlflow-job.ts'
import { seeOnServer } from './sinks.ts'

test('a run on a server that answers leaves nothing on disk and says where it is', async () => {
  const double = await startDouble()
  const { options, warnings } = made(double)
  expect(await work(options)).toEqual([`MLflow run: ${double.uri}/#/experiments/1/runs/server1`])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
  expect(left(options)).toEqual([])
  expect(warnings).toEqual([])
})

test('ten answers of 500 within the tries are waited out, with growing waits below the cap', async () => {
  const double = await startDouble()
  const waits: number[] = []
  const { options, warnings } = made(double)
  double.fault = (_path, count) => (count <= 10 ? { status: 500, body: 'busy' } : null)
  await work({
    ...options,
    retry: { attempts: 11, firstDelay: 100, longestDelay: 1000 },
    waiting: { random: () => 1 - Number.EPSILON, sleep: async (ms) => void waits.push(Math.round(ms)) },
  })
  expect(waits).toEqual([100, 200, 400, 800, 1000, 1000, 1000, 1000, 1000, 1000])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
  expect(warnings).toEqual([])
})

test('a server that dies mid-batch, before or after it took it, gets the same values once', async () => {
  for (const fault of ['drop', 'drop-after'] as const) {
    const double = await startDouble()
    const { options, warnings } = made(double)
    let drops = 2
    double.fault = (path) => (path === 'runs/log-batch' && drops-- > 0 ? fault : null)
    await work(options)
    expect(seeOnServer(double, ID)).toEqual(WORKED)
    expect(warnings).toEqual([])
    expect(left(options)).toEqual([])
  }
})

test('a value that the server refuses is named and kept, and the others arrive', async () => {
  const double = await startDouble()
  const { options, warnings } = made(double)
  const run = await mlflowServer(options).start(START)
  double.fault = (path) => (path === 'runs/log-batch' ? { status: 503, body: '' } : null)
  await run.params({ k: 50, other: 1 })
  await run.metrics({ brier: 0.25 }, 0)
  // Somebody else has set the param meanwhile: no try can succeed.
  double.runs[0]?.params.set('other', '2')
  double.fault = () => null
  await run.metrics({ brier: 0.2 }, 1)
  await run.end('finished')
  const seen = seeOnServer(double, ID)
  expect(seen.metrics).toEqual(WORKED.metrics)
  expect(seen.status).toBe('finished')
  expect(warnings.at(-1)).toMatch(
    /runs\/log-batch: HTTP 400 INVALID_PARAMETER_VALUE: .*other was 2 \(refused; kept in /,
  )
  expect(left(options)).toEqual([ID])
  expect(await replayJournals(options)).toMatchObject([{ outcome: 'refused', operations: 0 }])
})

test('a refusal is never tried again', async () => {
  const double = await startDouble()
  const { options } = made(double)
  double.fault = (path) => (path === 'runs/log-batch' ? { status: 400, body: '{"error_code":"BAD"}' } : null)
  const run = await mlflowServer(options).start(START)
  await run.params({ k: 50 })
  await run.end('finished')
  expect(double.requests.filter(({ path }) => path === 'runs/log-batch')).toHaveLength(1)
})

test('a start that the server refuses is an error with the fix, and leaves nothing behind', async () => {
  const double = await startDouble()
  const { options } = made(double)
  double.fault = () => ({ status: 401, body: '{"error_code":"UNAUTHENTICATED","message":"who are you?"}' })
  await expect(mlflowServer(options).start(START)).rejects.toThrow(
    /HTTP 401 UNAUTHENTICATED: who are you\?. MLflow auth failure. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD/,
  )
  expect(double.requests).toHaveLength(1)
  expect(left(options)).toEqual([])
})

test('what the server asks to wait is waited, up to the longest delay', async () => {
  const double = await startDouble()
  const { options } = made(double)
  const waits: number[] = []
  const asked = ['2', '3600']
  double.fault = (_path, count) => {
    const after = asked[count - 1]
    return after === undefined ? null : { status: 429, body: '', headers: { 'retry-after': after } }
  }
  const sleep = async (ms: number): Promise<void> => void waits.push(ms)
  await work({
    ...options,
    waiting: { sleep, random: () => 0 },
    retry: { attempts: 3, firstDelay: 1, longestDelay: 10_000 },
  })
  expect(waits).toEqual([2000, 10_000])
})

test('an interrupted job does not wait for a server that is down, and its run is killed', async () => {
  const double = await startDouble()
  const { options } = made(double)
  const interrupt = new AbortController()
  const waits: number[] = []
  const sleep = async (ms: number): Promise<void> => void waits.push(ms)
  const limits: number[] = []
  const timeout = (ms: number): AbortSignal => {
    limits.push(ms)
    return new AbortController().signal
  }
  const interruptible = {
    ...options,
    network: { ...options.network, timeout },
    waiting: { ...options.waiting, sleep },
    signal: interrupt.signal,
  }
  const run = await mlflowServer(interruptible).start(START)
  double.fault = () => ({ status: 500, body: '' })
  interrupt.abort()
  limits.length = 0
  await run.end('killed')
  expect(waits).toEqual([])
  expect(limits).toEqual([3000])
  double.fault = () => null
  await replayJournals(options)
  expect(seeOnServer(double, ID).status).toBe('killed')
})

test('credentials go in the header, as Basic or Bearer', async () => {
  const double = await startDouble()
  const { options } = made(double)
  await work({ ...options, server: { uri: double.uri, credentials: { username: 'ann', password: 'pass word' } } })
  expect(double.requests[0]?.authorization).toBe(`Basic ${btoa('ann:pass word')}`)
  const other = { ...START, id: 'd4'.repeat(16), tags: {} }
  await work({ ...options, server: { uri: double.uri, credentials: { token: 'tok' } } }, other)
  expect(double.requests.at(-1)?.authorization).toBe('Bearer tok')
})
