import { CommanderError } from 'commander'

/**
 * The exit code for what a command threw: 0 for help and version, 2 for arguments that cannot be used, 130 after an
 * interrupt, 1 for everything else.
 */
export function exitCode(error: unknown, stop: AbortSignal): number {
  if (stop.aborted) return 130
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return error instanceof RangeError ? 2 : 1
}

/** The message for stderr; null if it was printed already (commander prints its own messages). */
export function messageOf(error: unknown, stop: AbortSignal): string | null {
  if (stop.aborted) return 'scorer: interrupted; no file was left half-written'
  if (error instanceof CommanderError) return null
  if (!(error instanceof Error)) return `scorer: ${String(error)}`
  const causes: string[] = []
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(`  because: ${cause.message}`)
  return [error.message, ...causes].join('\n')
}
