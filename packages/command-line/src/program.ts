import { outputFailure } from '@breakwater/formats/node'
import { type Command, CommanderError } from 'commander'
import { applyConfig, findConfig } from './config.ts'

/** A program of commands, as {@link runProgram} runs it. */
export interface Program {
  /** Begins messages about what is no error of a command's own. */
  readonly name: string
  /** What the user reads after an interrupt: which files are whole. */
  readonly interrupted: string
  /** Whether an error is one of usage, with exit code 2; commander's own are. */
  readonly isUsage?: (error: unknown) => boolean
  /** Names of its commands. */
  readonly commands: readonly string[]
  /**
   * The program as commander runs it, called `name` in its help. Where `args` begin with a command, only that one has to be
   * there. `signal` aborts on SIGINT and SIGTERM.
   */
  readonly create: (name: string, args: readonly string[], signal: AbortSignal) => Promise<Command>
}

/**
 * Runs a program as this process, on the process's arguments and on the config file that {@link findConfig} finds: prints
 * what it throws to stderr, with the causes, and sets the exit code. A reader that closes the pipe early (`| head`) ends
 * the process with 0: it has what it wanted.
 */
export async function runProgram(program: Program, name: string = program.name): Promise<void> {
  const interrupt = new AbortController()
  process.once('SIGINT', () => interrupt.abort())
  process.once('SIGTERM', () => interrupt.abort())
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    const failure = outputFailure('standard output', error)
    process.stderr.write(`${messageOf(program, failure, interrupt.signal) ?? ''}\n`)
    process.exit(1)
  })
  try {
    const args = process.argv.slice(2)
    const command = await program.create(name, args, interrupt.signal)
    const config = await findConfig(process.cwd(), process.env)
    if (config !== null) applyConfig(command, config, args)
    await command.parseAsync(args, { from: 'user' })
  } catch (error) {
    const message = messageOf(program, error, interrupt.signal)
    if (message !== null) process.stderr.write(`${message}\n`)
    process.exitCode = exitCode(program, error, interrupt.signal)
  }
}

/**
 * The exit code for what a program threw: 0 for help and version, 2 for arguments that cannot be used, 130 after an
 * interrupt, 1 for everything else.
 */
export function exitCode({ isUsage }: Pick<Program, 'isUsage'>, error: unknown, signal: AbortSignal): number {
  if (signal.aborted) return 130
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return isUsage?.(error) === true ? 2 : 1
}

/** The message for stderr; null if it was printed already (commander prints its own messages). */
export function messageOf(
  { name, interrupted }: Pick<Program, 'name' | 'interrupted'>,
  error: unknown,
  signal: AbortSignal,
): string | null {
  if (signal.aborted) return `${name}: interrupted; ${interrupted}`
  if (error instanceof CommanderError) return null
  if (!(error instanceof Error)) return `${name}: ${String(error)}`
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(`  because: ${cause.message}`)
  return [error.message, ...causes].join('\n')
}
