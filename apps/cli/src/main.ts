#!/usr/bin/env node
import { runProgram } from '@breakwater/command-line'
import { scorer } from '@breakwater/scorer/command-line'
import { trainer } from '@breakwater/trainer/command-line'
import { breakwater } from './program.ts'

const [first = ''] = process.argv.slice(2)
const program = [trainer, scorer].find(({ commands }) => commands.includes(first)) ?? breakwater
await runProgram(program, breakwater.name)
