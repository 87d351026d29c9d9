import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSink } from '#src/replay/sink'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-sink-'))
  path = join(folder, 'day.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('payloads become lines, in order, when the sink is finished and not before', async () => {
  writeFileSync(path, 'old')
  const sink = await openSink(path)
  const payloads = Array.from({ length: 3000 }, (_, ts) => ({ ts, text: 'x'.repeat(50) }))
  for (const payload of payloads) await sink.write(payload, undefined)
  expect(readFileSync(path, 'utf8')).toBe('old')
  await sink.finish()
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual(payloads)
  expect(readdirSync(folder)).toEqual(['day.jsonl'])
})

test('a sink that is abandoned leaves what was there', async () => {
  writeFileSync(path, 'old')
  const sink = await openSink(path)
  await sink.write({ text: 'x'.repeat(100_000) }, undefined)
  await sink.abandon()
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ['day.jsonl']])
})

test('a link is refused before anything is scored', async () => {
  symlinkSync(join(folder, 'elsewhere'), path)
  await expect(openSink(path)).rejects.toThrow(`formats: ${path}: is a symbolic link`)
})
