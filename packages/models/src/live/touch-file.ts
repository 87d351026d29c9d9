import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { appendLine, replaceFile, replaceFileByCopy, type WriteOptions } from '@breakwater/formats/node'
import { eventsOf, type GrowthEvent, type GrowthState } from './growth-state.ts'
import { eventLine, type GrowthBase, headerLine } from './touch-lines.ts'

/** Keeps the touches that indexes grow by in a file, so that they survive a restart. */
export interface TouchFile {
  readonly counts: TouchFileCounts
  /** Writes what has changed, in the background; `all` writes the state anew. */
  readonly write: (events: readonly GrowthEvent[] | 'all') => void
  /** Keeps the touches for another base from now on; for none, nothing is written. */
  readonly rebase: (base: GrowthBase | null) => void
  /** Resolves when all that was written is in the file, or has failed. */
  readonly settle: () => Promise<void>
}

/** What became of a file of touches. */
export interface TouchFileCounts {
  readonly path: string
  /** Writes that failed; what they lacked is written with the next change. */
  readonly failures: number
  /** Why the last write failed; null where it did not. */
  readonly failure: string | null
}

/** What a file of touches is written with. */
export interface TouchFileInput extends Pick<WriteOptions, 'files'> {
  readonly path: string
  /** What the touches are for; null while they are for nothing. */
  readonly base: GrowthBase | null
  /** Whether lines can follow what the file holds; else it is replaced at the first change, and a copy kept as `<path>.previous`. */
  readonly canGrow: boolean
  /** The state now. */
  readonly state: () => GrowthState
  /** Told why a write failed: at the first of failures in a row. */
  readonly onTrouble: (message: string) => void
}

/** From here on a file is written anew, without what has been forgotten since: twice what 2,048 touches take. */
const MOST_BYTES = 16 * 2 ** 20
/** Larger ones were not written here. */
const MOST_READ = 4 * MOST_BYTES

/**
 * The text of a file of touches; empty where there is none, and where it cannot be read, of which `onTrouble` is told.
 */
export async function readTouchFile(path: string, onTrouble: (message: string) => void): Promise<string> {
  if (!existsSync(path)) return ''
  try {
    const { size } = await stat(path)
    if (size <= MOST_READ) return await readFile(path, 'utf8')
    onTrouble(`models: ${path}: has ${size} bytes, more than a file of touches may: it is not used.`)
  } catch (error) {
    onTrouble(`models: ${path}: cannot be read: ${messageOf(error)} Its touches are not used.`)
  }
  return ''
}

/**
 * Keeps touches in a file, a line for each step: a step is on the disk some milliseconds after it happened. A process that is killed leaves whole
 * lines and at most one that is cut short. While the disk refuses, what is lacking waits in memory, and the next change writes all of it.
 */
export function createTouchFile(input: TouchFileInput): TouchFile {
  const { path, state, files } = input
  const options = files === undefined ? {} : { files }
  let { base } = input
  let isForeign = !input.canGrow
  let isBehind = isForeign
  let pending: string[] = []
  let bytes = 0
  let most = MOST_BYTES
  let failures = 0
  let failure: string | null = null
  let running: Promise<void> | null = null
  const replace = async (header: string): Promise<void> => {
    if (isForeign && existsSync(path)) await replaceFileByCopy(`${path}.previous`, path, options)
    isForeign = false
    const written = countedLines(header, state())
    await replaceFile(path, written.pieces, options)
    bytes = written.bytes()
    most = Math.max(MOST_BYTES, 2 * bytes)
  }
  const append = async (lines: readonly string[]): Promise<void> => {
    for (const [i, line] of lines.entries()) {
      await appendLine(path, line, { ...options, durable: i === lines.length - 1 })
      bytes += line.length
    }
  }
  const lacking = (): GrowthBase | null => (isBehind || pending.length > 0 ? base : null)
  const work = async (): Promise<void> => {
    for (let now = lacking(); now !== null; now = lacking()) {
      const lines = pending
      const isWhole = isBehind || bytes > most
      pending = []
      isBehind = false
      try {
        await (isWhole ? replace(headerLine(now)) : append(lines))
        failure = null
      } catch (error) {
        isBehind = true
        failures += 1
        if (failure === null) input.onTrouble(`models: touches are kept only in memory for now: ${messageOf(error)}`)
        failure = messageOf(error)
        break
      }
    }
    running = null
  }
  const start = (): void => {
    if (lacking() !== null) running ??= work()
  }
  return {
    get counts() {
      return { path, failures, failure }
    },
    write(events) {
      if (base === null) return
      if (events === 'all') isBehind = true
      else for (const event of events) pending.push(eventLine(event))
      start()
    },
    rebase(next) {
      base = next
      isBehind = true
      start()
    },
    settle: () => running ?? Promise.resolve(),
  }
}

/** A header and the lines of a state, one after the other, and how many bytes they were. */
function countedLines(
  header: string,
  state: GrowthState,
): { readonly pieces: Iterable<Uint8Array>; readonly bytes: () => number } {
  const encoder = new TextEncoder()
  let bytes = 0
  const piece = (line: string): Uint8Array => {
    const encoded = encoder.encode(`${line}\n`)
    bytes += encoded.length
    return encoded
  }
  function* pieces(): Generator<Uint8Array> {
    yield piece(header)
    for (const event of eventsOf(state)) yield piece(eventLine(event))
  }
  return { pieces: pieces(), bytes: () => bytes }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
