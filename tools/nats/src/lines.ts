import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** The lines that a program has written, and those to come. */
export interface Lines {
  /** Oldest first; grows. */
  readonly past: readonly string[]
  /** Resolves with the first line, past or coming, that matches. Rejects where the program ends before. */
  readonly said: (pattern: RegExp) => Promise<string>
}

/** Follows a stream by lines until `ended`; `cutOff` is the error of who still waits then. */
export function followLines(
  stream: Readable | null,
  ended: Promise<unknown>,
  cutOff: (pattern: RegExp) => Error,
): Lines {
  const past: string[] = []
  const waiting = new Set<(line: string) => void>()
  if (stream !== null) {
    createInterface({ input: stream }).on('line', (line) => {
      past.push(line)
      for (const look of waiting) look(line)
    })
  }
  const said = (pattern: RegExp): Promise<string> => {
    const known = past.find((line) => pattern.test(line))
    if (known !== undefined) return Promise.resolve(known)
    const coming = new Promise<string>((resolve) => {
      const look = (line: string): void => {
        if (!pattern.test(line)) return
        waiting.delete(look)
        resolve(line)
      }
      waiting.add(look)
    })
    const gone = ended.then(() => {
      throw cutOff(pattern)
    })
    return Promise.race([coming, gone])
  }
  return { past, said }
}
