import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { RunStart } from '@breakwater/tracking'
import { mlflowServer, replayJournals } from '@breakwater/tracking/node'
import type { MlflowServerOptions } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { startDouble } from './mlflow-double.ts'
import type { MlflowDouble } from './mlflow-double.ts'
import { seeOnServer, serverOptionsFor } from './sinks.ts'

const ID = 'b2'.repeat(16)
const START: RunStart = { id: ID, name: 'run', job: 'retrieval', tags: { run_id: ID, job: 'retrieval' } }
const WORKED = {
  name: 'run',
  job: 'retrieval',
  status: 'finished',
  params: { k: '50' },
  tags: START.tags,
  metrics: { brier: ['0:0.25', '1:0.2'] },
  artifacts: { features: { 'features.txt': 'a\nb\n' } },
  datasets: [],
}

const left = ({ spool }: MlflowServerOptions): string[] => (existsSync(spool) ? readdirSync(spool) : [])

/** A small job from start to end. */
async function work(options: MlflowServerOptions, start: RunStart = START): Promise<readonly string[]> {
  const run = await mlflowServer(options).start(start)
  await run.params({ k: 50 })
  await run.metrics({ brier: 0.25 }, 0)
  await run.metrics({ brier: 0.2 }, 1)
  await run.artifact({ name: 'features', type: 'features', files: [{ path: 'features.txt', text: 'a\nb\n' }] })
  await run.end('finished')
  return run.places
}

function made(double: Pick<MlflowDouble, 'uri'>): { options: MlflowServerOptions; warnings: string[] } {
  const warnings: string[] = []
  return { options: serverOptionsFor(double, warnings), warnings }
}

/** An address where nothing listens. */
async function freeAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return `http://127.0.0.1:${port}`
}

test('a run on a server that answers leaves nothing on disk and says where it is', async () => {
  const double = await startDouble()
  const { options, warnings } = made(double)
  expect(await work(options)).toEqual([`MLflow run: ${double.uri}/#/experiments/1/runs/server1`])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
  expect(left(options)).toEqual([])
  expect(warnings).toEqual([])
})

test('a server that refuses connections costs the job nothing: the run is kept, and a replay sends it whole', async () => {
  const double = await startDouble()
  const { options, warnings } = made({ uri: await freeAddress() })
  const [place] = await work(options)
  expect(place).toBe(`MLflow run, not sent yet: ${options.spool}/${ID}`)
  expect(warnings[0]).toMatch(/no answer from .*ECONNREFUSED.*The job goes on; what it records is kept on disk/)
  expect(warnings.at(-1)).toBe(
    `tracking: mlflow-server: not everything was sent: the run is kept in ${options.spool}/${ID}. Send it later with: trainer track replay`,
  )
  const again = { ...options, server: { uri: double.uri } }
  expect(await replayJournals(again)).toMatchObject([{ name: 'run', outcome: 'sent', operations: 6, problems: [] }])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
  expect(left(options)).toEqual([])
  expect(await replayJournals(again)).toEqual([])
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

test('ten answers of 500 beyond the tries end in a replay that makes one run, not two', async () => {
  const double = await startDouble()
  const { options, warnings } = made(double)
  double.fault = (_path, count) => (count <= 10 ? { status: 500, body: 'busy' } : null)
  await work({ ...options, retry: { attempts: 3, firstDelay: 1, longestDelay: 1 } })
  expect(warnings).toHaveLength(2)
  expect(double.runs).toEqual([])
  const replayed = await replayJournals({ ...options, retry: { attempts: 6, firstDelay: 1, longestDelay: 1 } })
  expect(replayed).toMatchObject([{ outcome: 'sent' }])
  expect(double.runs).toHaveLength(1)
  expect(seeOnServer(double, ID)).toEqual(WORKED)
})

test('a server that hangs is given up after its time, and the run goes on where it stopped', async () => {
  const double = await startDouble()
  const { options, warnings } = made(double)
  double.fault = (path) => (path === 'runs/log-batch' ? 'hang' : null)
  let hanging = new AbortController()
  double.onHang = () => hanging.abort(new DOMException('timed out', 'TimeoutError'))
  const timeout = (): AbortSignal => {
    hanging = new AbortController()
    return hanging.signal
  }
  const network = { ...options.network, timeout }
  await work({ ...options, network, retry: { attempts: 2, firstDelay: 1, longestDelay: 1 } })
  expect(warnings[0]).toMatch(/runs\/log-batch: no answer from .*timed out/)
  expect(double.runs).toHaveLength(1)
  double.fault = () => null
  expect(await replayJournals(options)).toMatchObject([{ outcome: 'sent', operations: 5 }])
  expect(double.runs).toHaveLength(1)
  expect(seeOnServer(double, ID)).toEqual(WORKED)
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

test('an answer to the creation of a run that is lost makes no second run', async () => {
  const double = await startDouble()
  const { options } = made(double)
  let lost = 1
  double.fault = (path) => (path === 'runs/create' && lost-- > 0 ? 'drop-after' : null)
  await work(options)
  expect(double.runs).toHaveLength(1)
  expect(seeOnServer(double, ID)).toEqual(WORKED)
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

test('credentials that expire during the job keep the rest for a replay', async () => {
  const double = await startDouble()
  const { options, warnings } = made(double)
  double.fault = (path) => (path === 'runs/log-batch' ? { status: 403, body: '' } : null)
  await work(options)
  expect(warnings.at(-1)).toContain('Send it later with: trainer track replay')
  double.fault = () => null
  expect(await replayJournals(options)).toMatchObject([{ outcome: 'sent' }])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
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

test('a job that died is ended as killed by a replay, with all it recorded', async () => {
  const double = await startDouble()
  const { options } = made({ uri: await freeAddress() })
  const run = await mlflowServer(options).start(START)
  await run.metrics({ brier: 0.25 }, 0)
  const again = { ...options, server: { uri: double.uri } }
  // While this process runs, the journal is its own.
  expect(await replayJournals(again)).toMatchObject([{ outcome: 'busy' }])
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(join(options.spool, ID, 'lock'), String(pid))
  // The last line was being written when it died.
  appendFileSync(join(options.spool, ID, 'operations.jsonl'), '{"kind":"batch","metr')
  expect(await replayJournals(again)).toMatchObject([{ outcome: 'sent', operations: 3 }])
  const { status, metrics } = seeOnServer(double, ID)
  expect({ status, metrics }).toEqual({ status: 'killed', metrics: { brier: ['0:0.25'] } })
  expect(double.runs[0]?.endTime).toBe(double.runs[0]?.metrics[0]?.timestamp)
})

test('a child is made under its parent, even where neither could be sent at first', async () => {
  const double = await startDouble()
  const { options } = made(double)
  const parent = 'c3'.repeat(16)
  const clock = options.context.clock
  let down = true
  double.fault = () => (down ? { status: 502, body: '' } : null)
  const tracker = mlflowServer({ ...options, cooldown: 0, context: { ...options.context, clock } })
  const outer = await tracker.start({ ...START, id: parent, name: 'sweep', tags: { run_id: parent } })
  const inner = await tracker.start({ ...START, parent })
  down = false
  await inner.end('finished')
  await outer.end('finished')
  expect(double.runs.map(({ name }) => name)).toEqual(['sweep', 'run'])
  expect(double.runs[1]?.tags.get('mlflow.parentRunId')).toBe('server1')
})

test('an artifact becomes one version of the registered model, however often it is sent', async () => {
  const double = await startDouble()
  const { options } = made(double)
  let lost = 1
  double.fault = (path) => (path === 'model-versions/create' && lost-- > 0 ? 'drop-after' : null)
  const run = await mlflowServer(options).start(START)
  const files = [{ path: 'm.onnx', text: 'm' }]
  await run.artifact({ name: 'bundle', type: 'model', files, registerAs: 'boosted_trees-stage_b-full' })
  await run.end('finished')
  expect(double.models).toEqual([
    { name: 'boosted_trees-stage_b-full', source: 'mlflow-artifacts:/1/server1/artifacts/bundle', runId: 'server1' },
  ])
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
