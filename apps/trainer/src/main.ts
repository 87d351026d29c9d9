#!/usr/bin/env node
import { outputFailure } from '@breakwater/formats/node'
import { processContext } from './context.ts'
import { createProgram } from './program.ts'
import { exitCode, messageOf } from './exit.ts'

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())
// A reader that closes the pipe early (`| head`) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`${messageOf(outputFailure('standard output', error), interrupt.signal) ?? ''}\n`)
  process.exit(1)
})

try {
  const program = await createProgram(processContext(interrupt.signal), process.argv.slice(2))
  await program.parseAsync(process.argv)
} catch (error) {
  const message = messageOf(error, interrupt.signal)
  if (message !== null) process.stderr.write(`${message}\n`)
  process.exitCode = exitCode(error, interrupt.signal)
}
