import { outputFailure, outputOf } from '@breakwater/formats/node'
import { CommanderError } from 'commander'

/** Where a command's words go: results to `out`, progress and notices to `err`. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether `err` is a terminal that can redraw a line. */
  readonly interactive: boolean
  /** Width of `err` in characters. */
  readonly width: number
}

/** The terminal of this process; 100 characters wide where its error output is none. */
export const processTerminal = (): Terminal => ({
  out: outputOf(process.stdout, 'standard output'),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY,
  width: process.stderr.isTTY ? process.stderr.columns : 100,
})

/** A program as {@link runProgram} runs it. */
export interface Program {
  /** Begins messages about what is no error of the program's own. */
  readonly name: string
  /** What the user reads after an interrupt: which files are whole. */
  readonly interrupted: string
  /** Whether an error is one of usage, with exit code 2; commander's own are. */
  readonly isUsage?: (error: unknown) => boolean
  /** Runs the command that the process's arguments name; `signal` aborts on SIGINT and SIGTERM. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

/**
 * Runs a program as this process: prints what it throws to stderr, with the causes, and sets the exit code. A reader
 * that closes the pipe early (`| head`) ends the process with 0: it has what it wanted.
 */
export async function runProgram(program: Program): Promise<void> {
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
    await program.run(interrupt.signal)
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
