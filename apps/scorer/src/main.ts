#!/usr/bin/env node
import { outputFailure, outputOf } from '@breakwater/formats/node'
import type { Context } from './context.ts'
import { exitCode, messageOf } from './exit.ts'
import { createProgram } from './program.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
// A reader that closes the pipe early (`| head`) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`${messageOf(outputFailure('standard output', error), stop.signal) ?? ''}\n`)
  process.exit(1)
})

const context: Context = {
  out: outputOf(process.stdout, 'standard output'),
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
