import { describe, expect, test } from 'vitest'
import { findChromium, installChromium } from '@breakwater/browser'
import type { Run } from '@breakwater/browser'

const bare = { PATH: '/nowhere' }

/** apt-get that fails at one of its words. */
const answers =
  (failing: string, asked: string[] = []): Run =>
  (command, args) => {
    asked.push([command, ...args].join(' '))
    return { ok: !args.includes(failing), output: `said\nno to ${failing}` }
  }

describe('findChromium', () => {
  test('takes the program that BREAKWATER_CHROMIUM names, and refuses one that is not there', () => {
    expect(findChromium({ ...bare, BREAKWATER_CHROMIUM: process.execPath })).toEqual({ path: process.execPath })
    expect(() => findChromium({ BREAKWATER_CHROMIUM: '/nowhere/chromium' })).toThrow(
      'browser: BREAKWATER_CHROMIUM=/nowhere/chromium: no such file. Name a Chromium, or unset it',
    )
  })

  test('lets tests skip where there is none, but not in CI unless it was switched off', () => {
    const reason = 'no Chromium on the PATH: run `npm run browser`, or name one in BREAKWATER_CHROMIUM'
    expect(findChromium(bare)).toEqual({ path: undefined, reason, maySkip: true })
    expect(findChromium({ ...bare, CI: 'true' })).toEqual({ path: undefined, reason, maySkip: false })
    expect(findChromium({ CI: 'true', BREAKWATER_CHROMIUM: 'off' })).toMatchObject({ maySkip: true })
  })
})

describe('installChromium', () => {
  test('does nothing where one is found', () => {
    const env = { BREAKWATER_CHROMIUM: process.execPath }
    const asked: string[] = []
    const result = installChromium({ env, run: answers('', asked), root: true })
    expect(result).toEqual({ status: 'present', path: process.execPath })
    expect(asked).toEqual([])
  })

  test('says what to do where it may not or cannot install', () => {
    expect(installChromium({ env: bare, run: answers('--version'), root: true })).toEqual({
      status: 'unavailable',
      reason: 'there is no apt-get here: install Chromium or Chrome',
    })
    expect(installChromium({ env: bare, run: answers(''), root: false })).toEqual({
      status: 'unavailable',
      reason: 'only root may install it: sudo apt-get install chromium fonts-dejavu-core',
    })
  })

  test('updates the list of packages first, and hands on what apt-get said where it failed', () => {
    const asked: string[] = []
    expect(installChromium({ env: bare, run: answers('install', asked), root: true })).toEqual({
      status: 'broken',
      reason: 'apt-get install failed\nsaid\nno to install',
    })
    expect(
      asked.map((line) => line.split(' ').find((word) => ['--version', 'update', 'install'].includes(word))),
    ).toEqual(['--version', 'update', 'install'])
    expect(installChromium({ env: bare, run: answers('update'), root: true })).toMatchObject({
      reason: 'apt-get update failed\nsaid\nno to update',
    })
  })

  test('does not believe an installation that leaves no browser', () => {
    expect(installChromium({ env: bare, run: answers(''), root: true })).toMatchObject({
      status: 'broken',
      reason: expect.stringContaining('it ended well, yet: no Chromium on the PATH') as string,
    })
  })
})
