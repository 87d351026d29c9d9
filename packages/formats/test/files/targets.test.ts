import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  nodeFileSystem,
  openReplacement,
  replaceFile,
  replaceFileBy,
  replaceFileByCopy,
  thisProcess,
} from '@breakwater/formats/node'
import type { FileSystem } from '@breakwater/formats/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contentOf, scratch } from './disk.ts'

let folder = ''
let remove = (): void => undefined
beforeEach(() => ({ folder, remove } = scratch()))
afterEach(() => remove())

const writers: readonly (readonly [name: string, write: (path: string, files?: FileSystem) => Promise<void>])[] = [
  ['replaceFile', (path, files) => replaceFile(path, 'new', { files })],
  ['replaceFileBy', (path, files) => replaceFileBy(path, async (at) => writeFileSync(at, 'new'), { files })],
  [
    'replaceFileByCopy',
    (path, files) => {
      writeFileSync(join(folder, 'source'), 'new')
      return replaceFileByCopy(path, join(folder, 'source'), { files })
    },
  ],
]

describe.each(writers)('%s', (_, write) => {
  test('makes the folders that are absent and writes the file', async () => {
    await write(join(folder, 'a', 'b', 'file'))
    expect(contentOf(folder)).toMatchObject({ 'a/b/file': 'new' })
  })

  test('refuses a link, and touches neither it nor what it points to', async () => {
    const [target, link] = [join(folder, 'target'), join(folder, 'link')]
    writeFileSync(target, 'old')
    symlinkSync(target, link)
    await expect(write(link)).rejects.toThrow(
      `formats: ${link}: is a symbolic link, which is neither followed nor replaced. Pass the path that it points to, or remove the link.`,
    )
    expect([readlinkSync(link), readFileSync(target, 'utf8')]).toEqual([target, 'old'])
  })

  test('refuses a link to nothing, and makes nothing there', async () => {
    const link = join(folder, 'link')
    symlinkSync(join(folder, 'nothing'), link)
    await expect(write(link)).rejects.toThrow(`formats: ${link}: is a symbolic link`)
    expect(Object.keys(contentOf(folder)).filter((name) => name !== 'source')).toEqual([])
  })

  test('refuses a link that came to lie there while it wrote', async () => {
    const [target, path] = [join(folder, 'target'), join(folder, 'file')]
    writeFileSync(target, 'old')
    const files: FileSystem = {
      ...nodeFileSystem,
      open: async (...given) => {
        symlinkSync(target, path)
        return nodeFileSystem.open(...given)
      },
    }
    await expect(write(path, files)).rejects.toThrow(`formats: ${path}: is a symbolic link`)
    expect([readlinkSync(path), readFileSync(target, 'utf8')]).toEqual([target, 'old'])
    expect(Object.keys(contentOf(folder)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('writes into a folder that is a link: only the file itself may be none', async () => {
    mkdirSync(join(folder, 'disk'))
    symlinkSync(join(folder, 'disk'), join(folder, 'results'))
    await write(join(folder, 'results', 'file'))
    expect(contentOf(folder)).toMatchObject({ 'disk/file': 'new' })
  })

  test('refuses a folder, and a path through a file', async () => {
    mkdirSync(join(folder, 'here'))
    await expect(write(join(folder, 'here'))).rejects.toThrow(
      `formats: ${join(folder, 'here')}: is a folder. Pass the path of a file.`,
    )
    writeFileSync(join(folder, 'plain'), '')
    const through = join(folder, 'plain', 'file')
    await expect(write(through)).rejects.toThrow(`formats: ${through}: could not be written: `)
  })

  test('keeps the permissions of the file that it replaces', async () => {
    const path = join(folder, 'secret')
    writeFileSync(path, 'old')
    chmodSync(path, 0o600)
    await write(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('writes a name of 255 bytes, the most that file systems take', async () => {
    const name = 'ä'.repeat(125) + '.json'
    await write(join(folder, name))
    expect(contentOf(folder)).toMatchObject({ [name]: 'new' })
  })
})

describe('space', () => {
  test('content that does not fit is refused before a byte is written', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'old')
    const files: FileSystem = {
      ...nodeFileSystem,
      freeBytes: () => Promise.resolve(9999),
      open: () => Promise.reject(new Error('nothing may be opened')),
    }
    await expect(replaceFile(path, 'x'.repeat(10_000), { files })).rejects.toThrow(
      `formats: ${path}: needs 10000 bytes, and its disk has 9999 free; the old file is unchanged. Free space there, or write to another disk.`,
    )
    await expect(openReplacement(path, { files, bytes: 10_000 })).rejects.toThrow('needs 10000 bytes')
    expect(contentOf(folder)).toEqual({ file: 'old' })
  })
})

const name = (of: string, by: number): string => `.model.onnx.${of}-${by}-0123456789ab.tmp`

describe('leftovers', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const { host, pid } = thisProcess

  test('those of processes that have ended go; those of running ones, other hosts and other programs stay', async () => {
    const kept = [name(host, pid), name(host, process.ppid), name('0badf00d', dead), '.model.onnx.tmp', 'notes.tmp']
    for (const each of [...kept, name(host, dead)]) writeFileSync(join(folder, each), '')
    await replaceFile(join(folder, 'other.json'), 'new')
    expect(Object.keys(contentOf(folder))).toEqual([...kept, 'other.json'].toSorted())
  })

  test.skipIf(thisProcess.startOf(pid) === null)(
    'one of a process whose number another has by now goes; one of the running process itself stays',
    async () => {
      const open = await openReplacement(join(folder, 'whole'))
      const [mine = ''] = Object.keys(contentOf(folder))
      await open.write('whole')
      await open.commit()
      const [, start = ''] = /^\.whole\.\w+-\d+-(\w+)-\w+\.tmp$/.exec(mine) ?? []
      expect(start).toMatch(/^[0-9a-f]{8}$/)
      const earlier = mine.replace(start, '00000000')
      for (const each of [mine, earlier]) writeFileSync(join(folder, each), '')
      await replaceFile(join(folder, 'other.json'), 'new')
      expect(Object.keys(contentOf(folder))).toEqual([mine, 'other.json', 'whole'].toSorted())
    },
  )

  test('a leftover that is a link goes, and what it points to stays', async () => {
    writeFileSync(join(folder, 'precious'), 'old')
    const link = join(folder, `.x.${host}-${dead}-0123456789ab.tmp`)
    symlinkSync(join(folder, 'precious'), link)
    await replaceFile(join(folder, 'file'), 'new')
    expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined()
    expect(contentOf(folder)).toEqual({ precious: 'old', file: 'new' })
  })

  test('many small files, which need not be durable, do not look for any', async () => {
    const files: FileSystem = { ...nodeFileSystem, list: () => Promise.reject(new Error('was listed')) }
    await replaceFile(join(folder, 'file'), 'new', { files, durable: false })
    expect(contentOf(folder)).toEqual({ file: 'new' })
  })
})

function* failingSource(): Generator<Uint8Array> {
  yield Uint8Array.of(1)
  throw new RangeError('no more figures')
}

describe('a stream', () => {
  test('that is aborted leaves the old file and nothing else', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'old')
    const stream = await openReplacement(path)
    await stream.write('half')
    await stream.abort()
    await stream.abort()
    await expect(stream.write('more')).rejects.toThrow(`formats: ${path}: was committed or aborted already.`)
    expect(contentOf(folder)).toEqual({ file: 'old' })
  })

  test('ends with the reason of its signal', async () => {
    const path = join(folder, 'file')
    const stop = new AbortController()
    const stream = await openReplacement(path, { signal: stop.signal })
    await stream.write('half')
    stop.abort(new Error('enough'))
    await expect(stream.write('more')).rejects.toThrow('enough')
    await expect(stream.commit()).rejects.toThrow('enough')
    expect(contentOf(folder)).toEqual({})
  })

  test('passes on what its source throws', async () => {
    await expect(replaceFile(join(folder, 'file'), failingSource())).rejects.toThrow(new RangeError('no more figures'))
    expect(contentOf(folder)).toEqual({})
  })

  test('does not commit after a failure', async () => {
    const path = join(folder, 'file')
    const files: FileSystem = {
      ...nodeFileSystem,
      open: async (...given) => ({
        ...(await nodeFileSystem.open(...given)),
        write: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
      }),
    }
    const stream = await openReplacement(path, { files })
    await expect(stream.write('x')).rejects.toThrow('the disk reported a fault (EIO); no file was written')
    await expect(stream.commit()).rejects.toThrow('the disk reported a fault (EIO); no file was written')
    expect(contentOf(folder)).toEqual({})
  })
})

const half = async (at: string): Promise<number> => {
  writeFileSync(at, 'half')
  return 8
}

const fail =
  (error: Error) =>
  async (at: string): Promise<void> => {
    await half(at)
    throw error
  }

describe('another library', () => {
  let path = ''
  beforeEach(() => {
    path = join(folder, 'file')
  })

  test('that wrote fewer bytes than it says, or none, is not believed', async () => {
    writeFileSync(path, 'old')
    await expect(replaceFileBy(path, half)).rejects.toThrow(
      `formats: ${path}: could not be written: the file has 4 of the 8 bytes that were written; the old file is unchanged.`,
    )
    await expect(replaceFileBy(path, async (at) => writeFileSync(at, ''))).rejects.toThrow(
      'what was written is not complete: it is empty; the old file is unchanged.',
    )
    await expect(replaceFileBy(path, () => Promise.resolve())).rejects.toThrow('ENOENT')
    expect(contentOf(folder)).toEqual({ file: 'old' })
  })

  test('that put a link where it should write is refused', async () => {
    writeFileSync(join(folder, 'secret'), 'old')
    const link = async (at: string): Promise<void> => symlinkSync(join(folder, 'secret'), at)
    await expect(replaceFileBy(path, link)).rejects.toThrow('it is a symbolic link (ELOOP); no file was written.')
    expect(contentOf(folder)).toEqual({ secret: 'old' })
  })

  test('has its own errors passed on, and the words of the system explained', async () => {
    await expect(replaceFileBy(path, fail(new TypeError('no such column')))).rejects.toThrow(
      new TypeError('no such column'),
    )
    const full = new Error('IO Error: Could not write all bytes to file: No space left on device')
    await expect(replaceFileBy(path, fail(full))).rejects.toThrow(
      `formats: ${path}: could not be written: the disk is full (ENOSPC); no file was written. Free space there`,
    )
    expect(contentOf(folder)).toEqual({})
  })
})
