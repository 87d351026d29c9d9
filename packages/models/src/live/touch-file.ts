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
 * lines and at most one that is cut short. While the disk refuses, what is lacking waits in memory, and the next change writes all of it. Where another
 * process writes to the file as well, which its size tells, it is left to that one.
 */
export function createTouchFile(input: TouchFileInput): TouchFile {
  const { path, state, files } = input
  const options = files === undefined ? {} : { files }
  let { base } = input
  let isForeign = !input.canGrow
  let isBehind = isForeign
  let pending: string[] = []
  let most = MOST_BYTES
  /** Bytes of the file as it was left here; null before the first write and after one that failed. */
  let left: number | null = null
  let isTaken = false
  let failures = 0
  let failure: string | null = null
  let running: Promise<void> | null = null
  const replace = async (header: string): Promise<void> => {
    if (isForeign && existsSync(path)) await replaceFileByCopy(`${path}.previous`, path, options)
    isForeign = false
    await replaceFile(path, linesOf(header, state()), options)
  }
  const append = async (lines: readonly string[]): Promise<void> => {
    for (const [i, line] of lines.entries()) {
      await appendLine(path, line, { ...options, durable: i === lines.length - 1 })
    }
  }
  const lacking = (): GrowthBase | null => (!isTaken && (isBehind || pending.length > 0) ? base : null)
  const fail = (message: string, reason: string): void => {
    failures += 1
    if (failure === null || isTaken) input.onTrouble(message)
    failure = reason
    left = null
  }
  const work = async (): Promise<void> => {
    for (let now = lacking(); now !== null; now = lacking()) {
      const lines = pending
      const isWhole = isBehind || (left ?? 0) > most
      pending = []
      isBehind = false
      try {
        if (left !== null && (await sizeOf(path)) !== left) {
          isTaken = true
          fail(`models: ${path}: ${TAKEN}`, TAKEN)
          break
        }
        await (isWhole ? replace(headerLine(now)) : append(lines))
        left = await sizeOf(path)
        if (isWhole) most = Math.max(MOST_BYTES, 2 * left)
        failure = null
      } catch (error) {
        isBehind = true
        fail(`models: touches are kept only in memory for now: ${messageOf(error)}`, messageOf(error))
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
      if (base === null || isTaken) return
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

/** A header and the lines of a state, one after the other. */
function* linesOf(header: string, state: GrowthState): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(`${header}\n`)
  for (const event of eventsOf(state)) yield encoder.encode(`${eventLine(event)}\n`)
}

/** Bytes of a file; 0 where there is none. */
const sizeOf = async (path: string): Promise<number> => (existsSync(path) ? (await stat(path)).size : 0)

const TAKEN =
  'another process has changed it: touches are kept only in memory from now on. Give each scorer a file of its own, and start this one again.'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
