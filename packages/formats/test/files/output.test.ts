import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { outputOf } from '@breakwater/formats/node'
import { expect, test } from 'vitest'
import { scratch } from './disk.ts'

const stream = (fd: number): Parameters<typeof outputOf>[0] => ({
  fd,
  write: () => {
    throw new Error('the stream was used')
  },
})

test('a file gets all of a text, however little the system takes at a time', () => {
  const { folder, remove } = scratch()
  const path = join(folder, 'out')
  const fd = openSync(path, 'w')
  try {
    const sevenBytes = ((to: number, bytes: Uint8Array, at: number, length: number) =>
      writeSync(to, bytes, at, Math.min(7, length))) as typeof writeSync
    const out = outputOf(stream(fd), 'standard output', sevenBytes)
    out('Größe: ')
    out('twelve thousand figures\n')
    expect(readFileSync(path, 'utf8')).toBe('Größe: twelve thousand figures\n')
    const nothing = outputOf(stream(fd), 'standard output', () => 0)
    expect(() => nothing('text')).toThrow(
      'formats: standard output: could not be written: the system took 0 of 4 bytes and reported no fault; what was printed is cut short.',
    )
  } finally {
    closeSync(fd)
    remove()
  }
})

test.skipIf(!existsSync('/dev/full'))('a full device is named', () => {
  const fd = openSync('/dev/full', 'w')
  try {
    expect(() => outputOf(stream(fd), 'standard output')('{}\n')).toThrow(
      'formats: standard output: could not be written: the disk is full (ENOSPC); what was printed is cut short. Free space there, or write to another disk.',
    )
  } finally {
    closeSync(fd)
  }
})
