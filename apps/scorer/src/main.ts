#!/usr/bin/env node
import type { Context } from './context.ts'
import { exitCode, messageOf } from './exit.ts'
import { createProgram } from './program.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
// A reader that closes the pipe early (`| head`) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const context: Context = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  cwd: process.cwd(),
  clock: () => Date.now(),
  stopwatch: () => performance.now(),
  stop: stop.signal,
  onReload: (callback) => void process.on('SIGHUP', callback),
}

try {
  await createProgram(context).parseAsync(process.argv)
} catch (error) {
  const message = messageOf(error, stop.signal)
  if (message !== null) process.stderr.write(`${message}\n`)
  process.exitCode = exitCode(error, stop.signal)
}
