import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem, thisProcess } from '@breakwater/formats/node'
import type { FileSystem, OpenFile } from '@breakwater/formats/node'

/** A folder of its own, removed by `remove`. */
export function scratch(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-files-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The files below a folder with their content, temporary ones too; those in folders by `folder/name`. */
export function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  )
}

/** The error of a system call, as Node gives it. */
export function systemError(code: string, call: string): Error {
  return Object.assign(new Error(`${code}: it failed, ${call}`), { code })
}

/** Called before every call of a file system with its name and number, from 1; may throw. */
export type Watch = (call: string, number: number) => void

/** This machine's file system, each call of which is told to `watch` first. */
export function watched(watch: Watch, changes: Partial<OpenFile> = {}): FileSystem {
  let number = 0
  const told = <T extends object>(target: T): T =>
    Object.fromEntries(
      Object.entries(target).map(([call, method]: [string, (...given: unknown[]) => unknown]) => [
        call,
        async (...given: unknown[]) => {
          // A close that fails has closed the file all the same.
          if (call === 'close') await method(...given)
          watch(call, ++number)
          return call === 'close' ? undefined : method(...given)
        },
      ]),
    ) as T
  const files = told(nodeFileSystem)
  return { ...files, open: async (...given) => told({ ...(await files.open(...given)), ...changes }) }
}

/** A disk that has room for `room` more bytes and says so to nobody: it takes what fits, and then ENOSPC. */
export function smallDisk(room: number, pieces = Infinity): FileSystem {
  let left = room
  return {
    ...nodeFileSystem,
    freeBytes: () => Promise.resolve(null),
    open: async (...given) => {
      const file = await nodeFileSystem.open(...given)
      return {
        ...file,
        write: async (bytes) => {
          if (left === 0) throw systemError('ENOSPC', 'write')
          const taken = await file.write(bytes.subarray(0, Math.min(left, pieces)))
          left -= taken
          return taken
        },
      }
    },
  }
}

/** Whether a temporary file of this process lies in the folder. */
export const hasTemporary = (folder: string): boolean =>
  existsSync(folder) && Object.keys(contentOf(folder)).some((name) => name.includes(`.${thisProcess.host}-`))
