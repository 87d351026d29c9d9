// The commands of the example of a cluster, with a nats-server and Node in place of machines and containers.
import { readFileSync } from 'node:fs'

export const EXAMPLE: URL = new URL('../../../examples/cluster/', import.meta.url)

/** The plain commands of the README in order, each as the words after `--`, or all of them where there is none. */
export function commandsOfReadme(): string[][] {
  const readme = readFileSync(new URL('README.md', EXAMPLE), 'utf8')
  return [...readme.matchAll(/^(?:nats-server|npm run breakwater --) .*$/gm)].map(([line]) => {
    const words = line.split(' ')
    return words.slice(words.indexOf('--') + 1)
  })
}

/** The command of a worker in the compose file. */
export function workerOfCompose(): string[] {
  const text = readFileSync(new URL('compose.yaml', EXAMPLE), 'utf8')
  const [, list = ''] = /command: \[('worker'.*)\]/.exec(text) ?? []
  return [...list.matchAll(/'(?<word>[^']*)'/g)].map(([, word = '']) => word)
}

/** A command with other values of its options; each of them must be one that it has. */
export function withValues(command: readonly string[], values: Readonly<Record<string, string>>): string[] {
  const changed = [...command]
  for (const [flag, value] of Object.entries(values)) {
    const at = changed.indexOf(flag)
    if (at < 0) throw new Error(`${command.join(' ')}: has no ${flag}`)
    changed[at + 1] = value
  }
  return changed
}
