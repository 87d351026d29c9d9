import { CommanderError } from 'commander'

/**
 * The exit code for what a command threw: 0 for help and version, 2 for arguments that cannot be used, 1 for the rest.
 */
export function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return error instanceof RangeError ? 2 : 1
}

/** What to say on stderr about it; null where it was said already (commander prints its own messages). */
export function messageOf(error: unknown): string | null {
  if (error instanceof CommanderError) return null
  if (!(error instanceof Error)) return `scorer: ${String(error)}`
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(`  because: ${cause.message}`)
  return [error.message, ...causes].join('\n')
}
