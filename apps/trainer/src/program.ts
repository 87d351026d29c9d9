import type { Program } from '@breakwater/command-line'
import { Command } from 'commander'
import type { Context } from './context.ts'
import { processContext, trainerVersion } from './context.ts'

type Make = (context: Context) => Command

/** How each command is loaded, in the order of the help. One command's libraries are no other command's wait. */
const COMMANDS: Readonly<Record<string, () => Promise<Make>>> = {
  check: async () => (await import('./commands/check.ts')).checkCommand,
  signals: async () => (await import('./commands/signals.ts')).signalsCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  train: async () => (await import('./commands/train.ts')).trainCommand,
  index: async () => (await import('./commands/index-touches.ts')).indexCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  calibrate: async () => (await import('./commands/evaluate.ts')).calibrateCommand,
  sequences: async () => (await import('./commands/sequences.ts')).sequencesCommand,
  patchtst: async () => (await import('./commands/patchtst.ts')).patchTstCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  compare: async () => (await import('./commands/compare.ts')).compareCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  sweep: async () => (await import('./commands/sweep.ts')).sweepCommand,
  ui: async () => (await import('./commands/ui.ts')).uiCommand,
  worker: async () => (await import('./commands/worker.ts')).workerCommand,
  jobs: async () => (await import('./commands/jobs.ts')).jobsCommand,
  runs: async () => (await import('./commands/runs.ts')).runsCommand,
  versions: async () => (await import('./commands/versions.ts')).versionsCommand,
  rollback: async () => (await import('./commands/versions.ts')).rollbackCommand,
  prune: async () => (await import('./commands/versions.ts')).pruneCommand,
  track: async () => (await import('./commands/track.ts')).trackCommand,
}

/** The trainer's command line. */
export const trainer: Program = {
  name: 'trainer',
  interrupted: 'files written before are complete, none was left half-written',
  commands: Object.keys(COMMANDS),
  create,
}

function create(name: string, args: readonly string[], signal: AbortSignal): Promise<Command> {
  return createProgram(processContext(signal), args, name)
}

/**
 * The trainer's commands over a context. `args` are the arguments, without the program: where they begin with a command
 * only that one is there, and none to print the version; all where they are left out or begin otherwise.
 */
export async function createProgram(
  context: Context,
  args: readonly string[] = [],
  name: string = 'trainer',
): Promise<Command> {
  const program = new Command(name)
    .description(
      'Builds signals from one-minute bars, trains boosted trees by walk-forward, indexes past touches, evaluates and reports.',
    )
    .version(trainerVersion())
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
  const commands = await Promise.all(commandsFor(args).map((load) => load()))
  for (const make of commands) program.addCommand(make(context).copyInheritedSettings(program))
  return program
}

function commandsFor([first = '']: readonly string[]): readonly (() => Promise<Make>)[] {
  if (first === '--version' || first === '-V') return []
  const named = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  return named === undefined ? Object.values(COMMANDS) : [named]
}
