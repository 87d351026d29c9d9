import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProgress, exitCode, messageOf, type ProgressContext } from '@breakwater/command-line'
import { CommanderError } from 'commander'
import { beforeAll, expect, test } from 'vitest'

const running = new AbortController().signal
const isUsage = (error: unknown): boolean => error instanceof RangeError
const program = { name: 'count', interrupted: 'all files are whole' }

test('the exit code tells success, failure, usage and interrupt apart', () => {
  expect(exitCode({}, new CommanderError(0, 'commander.help', ''), running)).toBe(0)
  expect(exitCode({}, new CommanderError(1, 'commander.unknownOption', ''), running)).toBe(2)
  expect(exitCode({ isUsage }, new RangeError('n=0'), running)).toBe(2)
  expect(exitCode({}, new RangeError('n=0'), running)).toBe(1)
  expect(exitCode({}, new Error('x'), AbortSignal.abort())).toBe(130)
})

test('a message names every cause, and what commander printed is not printed again', () => {
  const error = new Error('count: no file', { cause: new Error('ENOENT', { cause: new Error('disk') }) })
  expect(messageOf(program, error, running)).toBe('count: no file\n  because: ENOENT\n  because: disk')
  expect(messageOf(program, 'odd', running)).toBe('count: odd')
  expect(messageOf(program, new CommanderError(1, 'x', 'y'), running)).toBeNull()
  expect(messageOf(program, error, AbortSignal.abort())).toBe('count: interrupted; all files are whole')
})

const folder = fileURLToPath(new URL('../out-tsc', import.meta.url))
const script = join(folder, 'program-example.ts')
beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    script,
    `import { processTerminal, runProgram } from '@breakwater/command-line'
import { Command } from 'commander'
const { out } = processTerminal()
await runProgram({
  name: 'count',
  interrupted: 'all files are whole',
  commands: ['fail', 'wait', 'print'],
  create: async (name, args, signal) => {
    const program = new Command(name).exitOverride()
    program.command('fail').action(() => { throw new Error('count: no file', { cause: new Error('ENOENT') }) })
    program.command('print').option('--times <n>', '', Number, 1).action(({ times }) => out('1\\n'.repeat(times)))
    program.command('wait').action(() => new Promise((_, reject) => {
      const alive = setInterval(() => undefined, 1000)
      signal.addEventListener('abort', () => {
        clearInterval(alive)
        reject(new Error('aborted'))
      })
      process.kill(process.pid, 'SIGTERM')
    }))
    return program
  },
})
`,
  )
})
const run = (command: string, config = 'none'): { status: number | null; stdout: string; stderr: string } =>
  spawnSync('bash', ['-c', command], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, NODE: process.execPath, SCRIPT: script, BREAKWATER_CONFIG: config },
  })
const node = '"$NODE" --conditions=@breakwater/source "$SCRIPT"'

test('a program that throws ends with 1 and says why', () => {
  expect(run(`${node} fail`)).toMatchObject({ status: 1, stderr: 'count: no file\n  because: ENOENT\n' })
})

test('a signal ends it with 130', () => {
  expect(run(`${node} wait`)).toMatchObject({ status: 130, stderr: 'count: interrupted; all files are whole\n' })
})

test('options come from the config file too', () => {
  writeFileSync(join(folder, 'program-example.yaml'), 'print:\n  times: 3\n')
  expect(run(`${node} print`, 'program-example.yaml')).toMatchObject({ status: 0, stdout: '1\n1\n1\n' })
})

test('a reader that has enough is no failure; a full device is', () => {
  const many = `${node} print --times 200000`
  expect(run(`${many} | head -n 1; echo "\${PIPESTATUS[0]}"`)).toMatchObject({ stdout: '1\n0\n', stderr: '' })
  const full = run(`${many} > /dev/full`)
  expect(full.status).toBe(1)
  expect(full.stderr).toContain('no space left')
})

/** A context whose stopwatch stands at `now.ms`, and what was written to it. */
function recorded(interactive: boolean): { context: ProgressContext; now: { ms: number }; text: () => string } {
  const now = { ms: 0 }
  let text = ''
  const err = (more: string): void => void (text += more)
  const terminal = { out: () => undefined, err, interactive, width: 60 }
  return { context: { terminal, stopwatch: () => now.ms }, now, text: () => text }
}

test('a log gets a line at the start, the end and every ten seconds', () => {
  const { context, now, text } = recorded(false)
  const step = createProgress(context, false).step('count', 4)
  for (const [ms, done] of [
    [5000, 1],
    [10_000, 2],
    [12_000, 3],
  ] as const) {
    now.ms = ms
    step.update(done, 'rows')
  }
  step.end()
  expect(text()).toBe('count\ncount: 50% after 10 s, 10 s left rows\ncount: done in 12 s\n')
})

test('a terminal gets a bar no wider than itself, redrawn ten times a second at most', () => {
  const { context, now, text } = recorded(true)
  const step = createProgress(context, false).step('count', 2)
  for (const ms of [1000, 1050, 1100]) {
    now.ms = ms
    step.update(1, 'a long detail about what is being counted')
  }
  step.end()
  const drawn = text().split('\r\u001B[2K').slice(1)
  expect(drawn).toHaveLength(3)
  expect(drawn[0]).toBe('count ████████████░░░░░░░░░░░░ 50%, 1 s left a long detail ')
  expect(drawn.every((line) => line.trimEnd().length < 60)).toBe(true)
  expect(drawn[2]).toBe('count: done in 1 s\n')
})

test('quiet reports nothing', () => {
  const { context, text } = recorded(false)
  const progress = createProgress(context, true)
  progress.note('x')
  progress.step('count', 1).end()
  expect(text()).toBe('')
})
