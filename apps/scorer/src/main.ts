#!/usr/bin/env node
import { processTerminal, runProgram } from '@breakwater/command-line'
import { createProgram } from './program.ts'

await runProgram({
  name: 'scorer',
  interrupted: 'no file was left half-written',
  isUsage: (error) => error instanceof RangeError,
  run: async (stop) => {
    const { out, err } = processTerminal()
    const context = {
      out,
      err,
      env: process.env,
      cwd: process.cwd(),
      clock: () => Date.now(),
      stopwatch: () => performance.now(),
      stop,
      onReload: (callback: () => void) => void process.on('SIGHUP', callback),
    }
    await createProgram(context).parseAsync(process.argv)
  },
})
