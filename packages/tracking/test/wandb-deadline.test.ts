import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { openTracker, readConfiguration } from '@breakwater/tracking/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deferred, manualTimer } from './manual-timer.ts'
import { ID } from './mlflow-job.ts'
import { tickingClock } from './sinks.ts'
import { temporaryFolder } from './temporary.ts'

const KEY = 'k'.repeat(40)
const START = { id: ID, name: 'n', job: 'retrieval', tags: {} } as const

/** Takes connections and never speaks; the last one is kept. */
const mute = createServer((socket) => {
  socket.on('error', () => undefined)
  onConnection(socket)
})
let onConnection: (socket: Socket) => void = () => undefined
const port = (): number => (mute.address() as AddressInfo).port
const connection = (): Promise<Socket> =>
  new Promise((resolve) => {
    onConnection = resolve
  })

beforeAll(
  () =>
    new Promise<void>((resolve) => {
      mute.listen(0, '127.0.0.1', resolve)
    }),
)
afterAll(() => {
  mute.close()
})

/** A folder with a program `wandb` that connects to the mute server and never ends. */
function hangingProgram(): string {
  const bin = temporaryFolder()
  const source = `require('node:net').connect(${port()}, '127.0.0.1'); process.on('SIGTERM', () => {})`
  writeFileSync(join(bin, 'wandb'), `#!${process.execPath}\n${source}\n`)
  chmodSync(join(bin, 'wandb'), 0o755)
  return bin
}

test('a W&B that never answers costs a job its deadline once: the question about the key, then nothing', async () => {
  const folder = temporaryFolder()
  const env = { PATH: hangingProgram(), WANDB_API_KEY: KEY, WANDB_BASE_URL: `http://127.0.0.1:${port()}` }
  const said: string[] = []
  const timer = manualTimer()
  const tracker = openTracker({
    configuration: readConfiguration({ systems: ['wandb'], env, cwd: folder, folder, deadline: 20 }),
    spool: join(folder, 'spool'),
    user: 'ann',
    env,
    clock: tickingClock(),
    random: () => 0,
    show: (line) => void said.push(line),
    replayCommand: 'breakwater track replay',
    timer,
  })
  const asked = connection()
  const starting = tracker.start(START)
  const question = await asked
  expect(timer.alarms()).toEqual([20_000])
  timer.pass(20_000)
  const run = await starting
  await run.params({ k: 1 })
  await run.end('finished')
  expect(timer.alarms()).toEqual([])
  expect(said).toEqual([
    expect.stringMatching(/wandb sync took longer than a run waits; the run is kept in .*wandb sync /),
  ])
  question.destroy()
})

test('an upload that never ends is ended with its program, and later runs are not uploaded', async () => {
  const folder = temporaryFolder()
  // Nothing listens there: no answer about the key, at once.
  const env = { PATH: hangingProgram(), WANDB_API_KEY: KEY, WANDB_BASE_URL: 'http://127.0.0.1:1' }
  const said: string[] = []
  const timer = manualTimer()
  const tracker = openTracker({
    configuration: readConfiguration({ systems: ['wandb'], env, cwd: folder, folder }),
    spool: join(folder, 'spool'),
    user: 'ann',
    env,
    clock: tickingClock(),
    random: () => 0,
    show: (line) => void said.push(line),
    replayCommand: 'breakwater track replay',
    timer,
  })
  const run = await tracker.start(START)
  const running = connection()
  const ending = run.end('finished')
  const program = await running
  const gone = deferred()
  program.on('close', gone.resolve)
  timer.pass(30_000)
  await ending
  // The program ignores a polite end, and is gone all the same.
  await gone.promise
  expect(said.at(-1)).toContain('wandb sync took longer than a run waits')
  const next = await tracker.start({ ...START, id: 'c3'.repeat(16) })
  await next.end('finished')
  expect(said.at(-1)).toMatch(/did not take an earlier run in time, not uploaded: wandb sync .*c3c3/)
  expect(timer.alarms()).toEqual([])
})
