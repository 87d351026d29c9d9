#!/usr/bin/env node
import { runProgram } from '@breakwater/command-line'
import { processContext } from './context.ts'
import { createProgram } from './program.ts'

await runProgram({
  name: 'trainer',
  interrupted: 'files written before are complete, none was left half-written',
  run: async (signal) => {
    const program = await createProgram(processContext(signal), process.argv.slice(2))
    await program.parseAsync(process.argv)
  },
})
