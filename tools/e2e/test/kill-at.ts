// Loaded before a program by --import: counts its calls that open, change or bring to the disk, and kills it at one of them.
// BREAKWATER_KILL_AT is the number of the call; BREAKWATER_KILL_WHEN says before it, while it runs, or so many milliseconds after it
// began. BREAKWATER_CALLS names a file for the number of calls of a program that ends by itself.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { isMainThread } from 'node:worker_threads'

type Call = (...given: unknown[]) => unknown

const { BREAKWATER_KILL_AT: at = '0', BREAKWATER_KILL_WHEN: when = 'before', BREAKWATER_CALLS: report } = process.env
const { writeFileSync } = fs
let calls = 0

const die = (): void => void process.kill(process.pid, 'SIGKILL')

function counted(this: unknown, method: Call, given: unknown[]): unknown {
  calls += 1
  if (calls !== Number(at)) return method.apply(this, given)
  if (when === 'before') die()
  const result = method.apply(this, given)
  if (when === 'while') die()
  else setTimeout(die, Number(when))
  return result
}

function watch(target: object, names: readonly string[]): void {
  for (const name of names) {
    const method = Reflect.get(target, name) as Call
    Reflect.set(target, name, function watched(this: unknown, ...given: unknown[]) {
      return counted.call(this, method, given)
    })
  }
}

if (isMainThread) {
  const handle = await fs.promises.open(tmpdir(), 'r')
  watch(Object.getPrototypeOf(handle) as object, [
    'write',
    'writeFile',
    'sync',
    'datasync',
    'truncate',
    'chmod',
    'chown',
  ])
  await handle.close()
  const changes = ['rename', 'rm', 'mkdir', 'link', 'copyFile', 'writeFile', 'appendFile', 'unlink']
  watch(fs.promises, ['open', ...changes])
  watch(
    fs,
    changes.map((name) => `${name}Sync`),
  )
  syncBuiltinESMExports()
  if (report !== undefined) process.on('exit', () => writeFileSync(report, String(calls)))
}
