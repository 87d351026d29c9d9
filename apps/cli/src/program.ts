import { createRequire } from 'node:module'
import { processTerminal, type Program } from '@breakwater/command-line'
import { scorer } from '@breakwater/scorer/command-line'
import { trainer } from '@breakwater/trainer/command-line'
import { Command } from 'commander'
import { doctorCommand } from './doctor/command.ts'
import { initCommand } from './init.ts'

const VERSION: ReadonlySet<string> = new Set(['--version', '-V'])
const HELP = `
All commands share one config file, breakwater.yaml, which \`breakwater init\` writes. BREAKWATER_CONFIG names another.

Examples:
  breakwater demo
  breakwater signals --bars SPY_1min.csv --timezone America/New_York
  breakwater train --stage stage_b
  breakwater evaluate
  breakwater serve --ui
  source <(breakwater complete bash)
`

/** A RangeError reports an argument that cannot be used. */
const isUsage = (error: unknown): boolean => error instanceof RangeError

/** The commands that belong to neither trainer nor scorer, and the list of all. */
export const breakwater: Program = {
  name: 'breakwater',
  interrupted: 'no file was left half-written',
  isUsage,
  commands: ['init', 'doctor', 'complete'],
  create,
}

async function create(name: string, [first = '']: readonly string[], signal: AbortSignal): Promise<Command> {
  const { out, err } = processTerminal()
  const program = new Command(name)
    .description('Learns from past touches of price levels what the next ones will do, and scores them live.')
    .version((createRequire(import.meta.url)('../package.json') as { readonly version: string }).version)
    .configureOutput({ writeOut: out, writeErr: err })
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText('after', HELP)
  if (VERSION.has(first)) return program
  const others = await Promise.all([trainer, scorer].map((each) => each.create(name, [], signal)))
  // Both programs have `audit` and `rollback`: here they are the trainer's.
  const commands = others.flatMap(({ commands: own }, i) =>
    own.filter((command) => i === 0 || !trainer.commands.includes(command.name())),
  )
  const context = { out, err, cwd: process.cwd(), env: process.env, signal }
  for (const command of [...commands, initCommand(context, commands), doctorCommand(context, commands)]) {
    program.addCommand(command.copyInheritedSettings(program))
  }
  const { default: addCompletion } = await import('@bomb.sh/tab/commander')
  addCompletion(program)
  return program
}
