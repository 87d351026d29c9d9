#!/usr/bin/env node
import { runProgram } from '@breakwater/command-line'
import { scorer } from './program.ts'

await runProgram(scorer)
