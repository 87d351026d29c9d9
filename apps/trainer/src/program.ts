import { Command } from 'commander'
import { checkCommand } from './commands/check.ts'
import { compareCommand } from './commands/compare.ts'
import { demoCommand } from './commands/demo.ts'
import { calibrateCommand, evaluateCommand } from './commands/evaluate.ts'
import { importCommand } from './commands/import.ts'
import { indexCommand } from './commands/index-touches.ts'
import { patchTstCommand } from './commands/patchtst.ts'
import { sequencesCommand } from './commands/sequences.ts'
import { signalsCommand } from './commands/signals.ts'
import { sweepCommand } from './commands/sweep.ts'
import { trackCommand } from './commands/track.ts'
import { trainCommand } from './commands/train.ts'
import { pruneCommand, rollbackCommand, versionsCommand } from './commands/versions.ts'
import type { Context } from './context.ts'
import { trainerVersion } from './context.ts'

/** The commands, in the order of the help. */
const COMMANDS: readonly ((context: Context) => Command)[] = [
  checkCommand,
  signalsCommand,
  trainCommand,
  indexCommand,
  evaluateCommand,
  importCommand,
  calibrateCommand,
  sequencesCommand,
  patchTstCommand,
  compareCommand,
  demoCommand,
  sweepCommand,
  versionsCommand,
  rollbackCommand,
  pruneCommand,
  trackCommand,
]

/** The trainer's command line over a context; `parseAsync` runs the command that the arguments name. */
export function createProgram(context: Context): Command {
  const program = new Command('trainer')
    .description(
      'Builds signals from one-minute bars, trains boosted trees by walk-forward, indexes past touches, evaluates and reports.',
    )
    .version(trainerVersion())
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
  for (const each of COMMANDS) program.addCommand(each(context).copyInheritedSettings(program))
  return program
}
