import { spawnSync } from 'node:child_process'
import { rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratch } from './disk.ts'

/** A small real file system. */
export interface Mount {
  readonly folder: string
  /** Fills it until at most `bytes` are free; gives how many are. */
  readonly leave: (bytes: number) => number
  readonly remove: () => void
}

const succeeds = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** Mounts a file system of so many KiB; null where this user may not, or where there is no such program. */
export function mount(kind: 'tmpfs' | 'ext4', kib: number): Mount | null {
  const { folder, remove } = scratch()
  const done =
    kind === 'tmpfs'
      ? succeeds('mount', '-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder)
      : mountImage(`${folder}.img`, folder, kib)
  if (!done) {
    remove()
    rmSync(`${folder}.img`, { force: true })
    return null
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    leave: (bytes) => {
      writeFileSync(ballast, '')
      const surplus = freeIn(folder) - bytes
      if (surplus > 0) writeFileSync(ballast, Buffer.alloc(surplus))
      // A file system takes blocks of its own for a large file's map.
      for (let size = surplus; freeIn(folder) < bytes - 4096 && size > 0; size -= 1024) truncateSync(ballast, size)
      return freeIn(folder)
    },
    remove: () => {
      succeeds('umount', folder)
      remove()
      rmSync(`${folder}.img`, { force: true })
    },
  }
}

function mountImage(image: string, folder: string, kib: number): boolean {
  writeFileSync(image, '')
  truncateSync(image, kib * 1024)
  return succeeds('mkfs.ext4', '-q', '-F', '-m', '0', image) && succeeds('mount', '-o', 'loop', image, folder)
}

function freeIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
