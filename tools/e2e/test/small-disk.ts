import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A small file system in memory. */
export interface SmallDisk {
  readonly folder: string
  /** Removes all files and fills it until `bytes` (rounded up to a page) are free. */
  readonly leave: (bytes: number) => void
  readonly remove: () => void
}

const PAGE = 4096

const succeeds = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** Mounts a file system of so many KiB; null where this user may not. */
export function smallDisk(kib: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-disk-'))
  if (!succeeds('mount', '-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder)) {
    rmSync(folder, { recursive: true })
    return null
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    leave: (bytes) => {
      rmSync(ballast, { force: true })
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - Math.ceil(bytes / PAGE) * PAGE)))
    },
    remove: () => {
      succeeds('umount', folder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
