import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '@breakwater/formats/node'
import { expect, test } from 'vitest'
import { contentOf, hasTemporary, scratch } from './disk.ts'

const WRITER = `
  import { openReplacement } from '@breakwater/formats/node'
  const stream = await openReplacement(process.argv[1])
  for (;;) {
    await stream.write('half of the new content')
    process.stdout.write('.')
  }
`

test('a process that is killed while it writes leaves the old file, and the next write removes what it left', async () => {
  const { folder, remove } = scratch()
  try {
    const path = join(folder, 'file')
    writeFileSync(path, 'old')
    const source = ['--conditions=@breakwater/source', '--input-type=module', '-e', WRITER, path]
    const child = spawn(process.execPath, source, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(contentOf(folder)).toMatchObject({ file: 'old' })
    expect(hasTemporary(folder)).toBe(true)
    await replaceFile(join(folder, 'other'), 'new')
    expect(contentOf(folder)).toEqual({ file: 'old', other: 'new' })
  } finally {
    remove()
  }
})
