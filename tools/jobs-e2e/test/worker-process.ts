// A worker as a process: `node worker-process.ts URL FOLDER NAME OPTIONS`. Says `ready` when it works; drains on SIGTERM.
import process from 'node:process'
import { createPool, resultFolder } from '@breakwater/jobs'
import { joinBus, openBus, work } from '@breakwater/jobs/jetstream'
import { join } from 'node:path'
import { program } from './program.ts'

const [url = '', folder = '', worker = '', settings = '{}'] = process.argv.slice(2)
const {
  threads = 1,
  stallMs,
  patience,
} = JSON.parse(settings) as {
  threads?: number
  stallMs?: number
  patience?: Record<string, number>
}
const [drain, stop] = [new AbortController(), new AbortController()]
process.once('SIGTERM', () => drain.abort())
process.once('SIGINT', () => stop.abort())
const nats = await joinBus({ servers: [url] }, worker)
const bus = await openBus(nats, patience)
const pool = createPool({ module: import.meta.resolve('./program.ts'), threads, stallMs })
process.stdout.write('ready\n')
try {
  await work({
    bus,
    worker,
    program: program.version,
    pool,
    threads,
    folder,
    results: resultFolder(join(folder, 'results')),
    log: { note: (message) => process.stdout.write(`${message}\n`) },
    clock: Date.now,
    drain: drain.signal,
    stop: stop.signal,
  })
} catch (error) {
  process.stdout.write(`ended: ${String(error)}\n`)
  process.exitCode = 1
}
await pool.close()
await nats.close()
process.stdout.write('left\n')
