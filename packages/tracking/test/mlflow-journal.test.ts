import { spawnSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { mlflowServer, replayJournals } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { startDouble } from './mlflow-double.ts'
import { freeAddress, ID, left, made, START, work, WORKED } from './mlflow-job.ts'
import { seeOnServer } from './sinks.ts'

test('a server that refuses connections costs the job nothing: the run is kept, and a replay sends it whole', async () => {
  const double = await startDouble()
  const { options, warnings } = made({ uri: await freeAddress() })
  const [place] = await work(options)
  expect(place).toBe(`MLflow run, not sent yet: ${options.spool}/${ID}`)
  expect(warnings[0]).toMatch(/no answer from .*ECONNREFUSED.*The job continues; what it records is kept on disk/)
  expect(warnings.at(-1)).toBe(
    `tracking: mlflow-server: not everything was sent: the run is kept in ${options.spool}/${ID}. Send it later with: breakwater track replay`,
  )
  const again = { ...options, server: { uri: double.uri } }
  expect(await replayJournals(again)).toMatchObject([{ name: 'run', outcome: 'sent', operations: 6, problems: [] }])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
  expect(left(options)).toEqual([])
  expect(await replayJournals(again)).toEqual([])
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

test('an answer to the creation of a run that is lost makes no second run', async () => {
  const double = await startDouble()
  const { options } = made(double)
  let lost = 1
  double.fault = (path) => (path === 'runs/create' && lost-- > 0 ? 'drop-after' : null)
  await work(options)
  expect(double.runs).toHaveLength(1)
  expect(seeOnServer(double, ID)).toEqual(WORKED)
})

test('credentials that expire during the job keep the rest for a replay', async () => {
  const double = await startDouble()
  const { options, warnings } = made(double)
  double.fault = (path) => (path === 'runs/log-batch' ? { status: 403, body: '' } : null)
  await work(options)
  expect(warnings.at(-1)).toContain('Send it later with: breakwater track replay')
  double.fault = () => null
  expect(await replayJournals(options)).toMatchObject([{ outcome: 'sent' }])
  expect(seeOnServer(double, ID)).toEqual(WORKED)
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

test('a run that is opened again and refused keeps what an earlier process recorded', async () => {
  const double = await startDouble()
  const { options } = made(double)
  const run = await mlflowServer(options).start(START)
  double.fault = () => ({ status: 503, body: '' })
  await run.metrics({ brier: 0.25 }, 0)
  await run.end('killed')
  double.fault = () => ({ status: 401, body: '' })
  await expect(mlflowServer(options).start({ ...START, reopen: true })).rejects.toThrow('MLflow auth failure')
  expect(left(options)).toEqual([ID])
  double.fault = () => null
  expect(await replayJournals(options)).toMatchObject([{ outcome: 'sent' }])
  const { status, metrics } = seeOnServer(double, ID)
  expect({ status, metrics }).toEqual({ status: 'killed', metrics: { brier: ['0:0.25'] } })
})
