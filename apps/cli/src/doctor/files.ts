import { existsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { listVersions, parquetFault } from '@breakwater/formats/node'
import { setName } from '@breakwater/models'
import { checkVersion } from '@breakwater/models/node'
import { fail, type Finding, ok, warn } from './finding.ts'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Whether the signals are there and whole. */
export async function dataFindings(cwd: string, path: string): Promise<Finding[]> {
  const full = resolve(cwd, path)
  if (!existsSync(full)) {
    return [
      warn('signals', `${path}: none yet`, 'Make them with breakwater signals --bars <file>, or try breakwater demo.'),
    ]
  }
  const fault = await faultOf(full)
  if (fault !== null) return [fail('signals', `${path}: ${fault}`, 'Make them again with breakwater signals.')]
  const { size, mtime } = statSync(full)
  return [ok('signals', `${path}: ${(size / 2 ** 20).toFixed(1)} MiB, written ${mtime.toISOString()}`)]
}

async function faultOf(path: string): Promise<string | null> {
  await using file = await open(path)
  const read = async (position: number, length: number): Promise<Uint8Array> => {
    const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  }
  return await parquetFault({ read, size: async () => (await file.stat()).size })
}

/** Whether the current version of each set loads, with every file's hash checked. */
export async function modelFindings(cwd: string, folder: string): Promise<Finding[]> {
  const full = resolve(cwd, folder)
  const current = existsSync(full) ? (await listVersions(full)).filter(({ isCurrent }) => isCurrent) : []
  if (current.length === 0) {
    return [warn('models', `${folder}: none yet`, 'Train them with breakwater train, or try breakwater demo.')]
  }
  const findings: Finding[] = []
  for (const version of current) {
    const name = `models ${setName(version.pointer)}`
    try {
      await checkVersion(version)
      findings.push(ok(name, `version ${version.id}, every file matches its hash`))
    } catch (error) {
      findings.push(
        fail(name, messageOf(error), 'Go back to the previous version with breakwater rollback, or train again.'),
      )
    }
  }
  return findings
}
