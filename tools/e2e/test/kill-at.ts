// Loaded before a command by `--import`: kills the process by SIGKILL before its n-th call of the file system that results are
// written with (KILL_AT), or says on stderr how many there were (KILL_AT=0).
import process from 'node:process'
import { nodeFileSystem } from '@breakwater/formats/node'

type Call = (...given: readonly unknown[]) => Promise<unknown>

const at = Number(process.env['KILL_AT'])
let calls = 0

/** Counts the calls of every method, those of files that `open` gives as well. */
function watch(target: object): object {
  for (const [name, method] of Object.entries(target) as [string, Call][]) {
    Reflect.set(target, name, async (...given: readonly unknown[]) => {
      if (++calls === at) process.kill(process.pid, 'SIGKILL')
      const result = await method(...given)
      return name === 'open' ? watch({ ...(result as object) }) : result
    })
  }
  return target
}

watch(nodeFileSystem)
process.on('exit', () => process.stderr.write(`calls: ${calls}\n`))
