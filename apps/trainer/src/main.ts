#!/usr/bin/env node
import { runProgram } from '@breakwater/command-line'
import { trainer } from './program.ts'

await runProgram(trainer)
