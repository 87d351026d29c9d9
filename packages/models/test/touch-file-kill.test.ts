import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTouches, readTouchFile } from '@breakwater/models/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'breakwater-touches-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fail = (message: string): never => {
  throw new Error(message)
}

const WRITER = `
  import { createTouchFile } from '@breakwater/models/node'
  const [path, whole] = process.argv.slice(1)
  const waiting = []
  const file = createTouchFile({ path, base: { timeframe: '4min' }, canGrow: false, state: () => ({ waiting, known: [] }), onTrouble: console.error })
  for (let i = 0; ; i++) {
    const row = { event_id: String(i), text: 'x'.repeat(3000) }
    waiting.push(row)
    file.write(whole === 'whole' && i > 50 ? 'all' : [{ kind: 'confirmed', row }])
    await file.settle()
    process.stdout.write('.')
  }
`

describe('a process that is killed while it writes', () => {
  test.each([
    ['lines', 60],
    ['whole files', 70],
  ])('%s leaves every touch that was in the file', async (what, count) => {
    const path = join(folder, 'touches.log')
    const source = [
      '--conditions=@breakwater/source',
      '--input-type=module',
      '-e',
      WRITER,
      path,
      what.split(' ')[0] ?? '',
    ]
    const child = spawn(process.execPath, source, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
    let written = 0
    while (written < count) written += ((await once(child.stdout, 'data')) as [Buffer])[0].length
    child.kill('SIGKILL')
    await once(child, 'close')
    const { state, canGrow } = readTouches(await readTouchFile(path, fail), { timeframe: '4min' }, path)
    expect(canGrow).toBe(true)
    const ids = state.waiting.map((row) => Number(row['event_id']))
    expect(ids).toEqual(ids.map((_, i) => i))
    expect(ids.length).toBeGreaterThanOrEqual(written)
  })
})
