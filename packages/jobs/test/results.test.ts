import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resultFolder } from '@breakwater/jobs'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ID = 'ab'.repeat(32)
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-results-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const fileOf = (): string => join(folder, 'ab', `${ID}.result`)

test('a result is a line about itself and its bytes, whole or pieces', async () => {
  const results = resultFolder(folder)
  expect(await results.read(ID)).toBeNull()
  await results.write(ID, [Uint8Array.of(104, 101), Uint8Array.of(108, 108, 111)])
  expect(Buffer.from((await results.read(ID)) ?? []).toString()).toBe('hello')
  const line = `{"format":"breakwater-result","version":1,"job":"${ID}","bytes":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}`
  expect(readFileSync(fileOf(), 'utf8')).toBe(`${line.padEnd(255)}\nhello`)
  expect(readdirSync(join(folder, 'ab'))).toEqual([`${ID}.result`])
  await results.remove(ID)
  await results.remove(ID)
  expect(await results.read(ID)).toBeNull()
})

test('a file cut anywhere, with any bit turned, or of another job counts as none', async () => {
  const results = resultFolder(folder)
  await results.write(ID, Buffer.from('some result'))
  const whole = readFileSync(fileOf())
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(fileOf(), whole.subarray(0, length))
    expect(await results.read(ID)).toBeNull()
  }
  for (let at = 0; at < whole.length; at++) {
    const turned = Buffer.from(whole)
    turned[at] = (turned[at] ?? 0) ^ 1
    writeFileSync(fileOf(), turned)
    expect(await results.read(ID)).toBeNull()
  }
  const other = 'ac'.repeat(32)
  writeFileSync(fileOf(), whole.toString().replace(ID, other))
  expect(await results.read(ID)).toBeNull()
  writeFileSync(fileOf(), whole)
  expect(await results.read(ID)).not.toBeNull()
})

test('an id is no path', async () => {
  await expect(resultFolder(folder).read('../../etc/passwd')).rejects.toThrow(
    'jobs: id=../../etc/passwd: must be 64 lower-case hex digits.',
  )
})
