import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Ended, runBreakwater } from './run-breakwater.ts'
import { temporaryFolder } from './run-trainer.ts'
import { faultsOf, writtenIn, type Written } from './written-files.ts'
import { timeOf, type Turn, type WritingCommand, writingCommands } from './writing-commands.ts'

/** How much is tried: a kill of each command, or with BREAKWATER_ATTACK=1, as `npm run attack` sets it, all of it. */
const ATTACK = process.env['BREAKWATER_ATTACK'] === '1'
const [ROUNDS, KILLS, LONG_ROUNDS, TWOS] = ATTACK ? [5, 3, 2, 7] : [1, 1, 0, 0]

const folder = temporaryFolder()
afterAll(folder.remove)
const input = join(folder.path, 'input')
const commands = await writingCommands(input)
const tried = commands.filter(({ isLong }) => isLong !== true || LONG_ROUNDS > 0)

/** Numbers in [0, 1) from a seed (mulberry32). */
function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Calls of a command that was not run before its first kill. */
const FEW_CALLS = 40

const other = (turn: Turn): Turn => (turn === 0 ? 1 : 0)

/** A folder in which runs of one command take turns. */
function place(command: WritingCommand, name: string) {
  const output = join(folder.path, name)
  const report = `${output}.calls`
  mkdirSync(output)
  const run = (turn: Turn, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    runBreakwater(command.args(output, turn), input, { ...timeOf(turn), BREAKWATER_CALLS: report, ...env })
  const hasWritten = (code: number | null): boolean => code === 0 || (code === 1 && command.mayFail === true)
  const begin = (): void => {
    if (command.begin === undefined) return
    rmSync(output, { recursive: true })
    command.begin(output)
  }
  return {
    run,
    begin,
    hasWritten,
    found: () => writtenIn(output),
    calls: () => Number(readFileSync(report, 'utf8')),
    /** Runs it to its end; what is there then is what it writes, and nothing else. */
    whole: async (turn: Turn): Promise<Written> => {
      const { code, err } = await run(turn)
      expect({ hasWritten: hasWritten(code), err }).toEqual({ hasWritten: true, err })
      const { written, leftovers } = writtenIn(output)
      expect({ leftovers, err }).toEqual({ leftovers: [], err })
      return written
    },
  }
}

describe.concurrent.each(tried)('$name', (command) => {
  const isReplaced = command.begin === undefined
  const all = command.isLong === true ? LONG_ROUNDS : ROUNDS
  // One that goes on with what it finds is followed by its own next run.
  const [rounds, kills] = isReplaced ? [all, KILLS] : [all * KILLS, 1]

  test(`killed ${rounds * kills} times while it writes, leaves what was there or what it writes, and the next run mends the rest`, async () => {
    const { run, begin, hasWritten, found, calls, whole } = place(command, command.name)
    const next = uniforms(command.name.length + 1000 * command.name.charCodeAt(0))
    let turn: Turn = 0
    begin()
    let old = isReplaced ? await whole(turn) : found().written
    let many = isReplaced ? calls() : FEW_CALLS
    for (let round = 0; round < rounds; round++) {
      turn = other(turn)
      const states: { readonly written: Written; readonly told: string }[] = []
      for (let kill = 0; kill < kills; kill++) {
        begin()
        const when = ['before', 'while', String(Math.floor(next() * 40))][Math.floor(next() * 3)] ?? ''
        const at = String(1 + Math.floor(next() * many))
        const { code, signal, err } = await run(turn, { BREAKWATER_KILL_AT: at, BREAKWATER_KILL_WHEN: when })
        const told = `killed ${when} call ${at}; ${err}`
        // One that had fewer calls to make than the counted one may come through.
        expect({ ended: signal ?? (hasWritten(code) ? 'SIGKILL' : code), told }).toEqual({ ended: 'SIGKILL', told })
        states.push({ written: found().written, told })
      }
      const written = await whole(turn)
      many = calls()
      for (const { written: seen, told } of states) {
        expect({ faults: faultsOf(seen, old, written), told }).toEqual({ faults: [], told })
      }
      // The run changed something, else nothing was shown.
      const changed = [...written].filter(([path, { sha256 }]) => old.get(path)?.sha256 !== sha256).length
      expect(changed + Math.abs(old.size - written.size)).toBeGreaterThan(0)
      if (isReplaced) old = written
    }
  }, 3_600_000)

  test.skipIf(TWOS === 0 || command.isLong === true)(
    `at once in two processes, ${TWOS} times, leaves what one of them writes, and tells the other`,
    async () => {
      const { run, begin, hasWritten, found, whole } = place(command, `${command.name}-two`)
      begin()
      const [first, second] = [await whole(0), (begin(), await whole(1))]
      for (let i = 0; i < TWOS; i++) {
        begin()
        const ended = await Promise.all([run(0), run(1)])
        const refused = ended.filter(({ code, err }) => code === 1 && err.includes('is being written by'))
        const through = ended.filter(({ code, err }) => hasWritten(code) && !err.includes('is being written by'))
        const told = ended.map(({ err }) => err).join('\n')
        expect({ through: through.length > 0, ended: through.length + refused.length, told }).toEqual({
          through: true,
          ended: 2,
          told,
        })
        const { written, leftovers } = found()
        // One that goes on keeps names, and its run may have an id of its own.
        const faults = isReplaced
          ? faultsOf(written, first, second)
          : [...written.keys()].filter((path) => !first.has(path) || !second.has(path))
        expect({ faults, leftovers, told }).toEqual({ faults: [], leftovers: [], told })
      }
    },
    3_600_000,
  )
})
