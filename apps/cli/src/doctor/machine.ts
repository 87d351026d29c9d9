import { statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, totalmem } from 'node:os'
import { applyConfig, CONFIG_FILE, findConfig } from '@breakwater/command-line'
import type { Command } from 'commander'
import { fail, type Finding, ok, warn } from './finding.ts'

const GIB = 2 ** 30
const shown = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`
/** Least memory and disk that the demo's size of data needs, with room. */
const LEAST_MEMORY = 2 * GIB
const LEAST_DISK = GIB

/** Node, cores, memory, disk, and whether PatchTST can run. */
export async function machineFindings(cwd: string): Promise<Finding[]> {
  const { bavail, bsize } = await statfs(cwd)
  const [memory, disk] = [totalmem(), bavail * bsize]
  return [
    ok('node', `${process.version} on ${process.platform} ${process.arch}`),
    ok('cores', `${availableParallelism()}, each can train a head`),
    memory < LEAST_MEMORY
      ? warn('memory', shown(memory), `Below ${shown(LEAST_MEMORY)} large tables may not fit: train fewer sessions.`)
      : ok('memory', shown(memory)),
    disk < LEAST_DISK
      ? fail(
          'disk',
          `${shown(disk)} free here`,
          `Free at least ${shown(LEAST_DISK)}; files are written whole or not at all.`,
        )
      : ok('disk', `${shown(disk)} free here`),
    hasOnnxRuntime()
      ? ok('PatchTST', 'onnxruntime-node is installed')
      : warn(
          'PatchTST',
          'onnxruntime-node is not installed',
          'Only patchtst and compare need it: npm install onnxruntime-node',
        ),
  ]
}

/** Whether the package that computes with it finds it from where it lies. */
function hasOnnxRuntime(): boolean {
  const from = ['@breakwater/trainer', '@breakwater/patchtst'].map((name) => `${name}/package.json`)
  try {
    createRequire(from.reduce((at, next) => createRequire(at).resolve(next), import.meta.url)).resolve(
      'onnxruntime-node',
    )
    return true
  } catch {
    return false
  }
}

/** Whether the config file can be used, section by section. */
export async function configFinding(
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
  commands: readonly Command[],
): Promise<Finding[]> {
  try {
    const config = await findConfig(cwd, env)
    if (config === null)
      return [ok('config', `no ${CONFIG_FILE}: flags and defaults apply; breakwater init writes one`)]
    const known = commands.map((command) => command.name())
    const unknown = Object.keys(config.commands).filter((name) => !known.includes(name))
    if (unknown.length > 0) {
      return [
        fail(
          'config',
          `${config.path}: ${unknown.join(', ')}: no such command`,
          `The commands are ${known.join(', ')}.`,
        ),
      ]
    }
    for (const command of commands) if (command.parent !== null) applyConfig(command.parent, config, [command.name()])
    return [ok('config', `${config.path} fits its commands`)]
  } catch (error) {
    return [fail('config', error instanceof Error ? error.message : String(error), 'Correct the file.')]
  }
}
