import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTable } from '@breakwater/features/parquet'
import { simulate } from '@breakwater/simulator'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder, trainer } from './run-trainer.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const { bars } = simulate({ sessions: 3, seed: 6 })
const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const
/** A bar well within the last session. */
const BAD = bars.rows - 100

function file(name: string, header: string, cells: (row: number) => readonly (string | number)[]): string {
  const path = join(folder.path, name)
  const lines = Array.from(bars.ts, (ts, row) =>
    [new Date(Number(ts / 1_000_000n)).toISOString(), ...cells(row)].join(','),
  )
  writeFileSync(path, [header, ...lines, ''].join('\n'))
  return path
}
const values = (row: number): number[] => COLUMNS.map((name) => bars[name][row] ?? Number.NaN)
const HEADER = 'time,open,high,low,close,volume'
const clean = file('clean.csv', HEADER, values)
const dirty = file('dirty.csv', HEADER, (row) => values(row).map((value, i) => (row === BAD && i === 2 ? 0.01 : value)))
const run = (...args: readonly string[]): ReturnType<typeof trainer> => trainer(args, { cwd: folder.path })

describe('trainer check', () => {
  test('accepts clean bars, verdict first, and writes a page', async () => {
    const { code, out } = await run('check', '--bars', clean)
    expect([code, out.split('\n')[0]]).toEqual([0, 'Accepted: nothing is wrong.'])
    const page = readFileSync(join(folder.path, 'data/ml/reports/bars.html'), 'utf8')
    expect(page).toContain('<svg role="img"')
    expect(page).toContain('Accepted: nothing is wrong')
  })

  test('says what signals would refuse, where, and what repairs it; the page marks it', async () => {
    const { code, out, err } = await run('check', '--bars', dirty, '--output-dir', 'page')
    expect([code, out.split('\n')[0]]).toEqual([1, 'Refused: 1 rule is broken.'])
    expect(out).toContain(`wick  refused  1 bar     dirty.csv:${BAD + 2}`)
    expect(out).toContain('Repair it with --repair, or accept it with --accept wick.')
    expect(err).toContain('trainer: signals would refuse these bars.')
    expect(readFileSync(join(folder.path, 'page/bars.html'), 'utf8')).toContain('wick: triangle')
    for (const flags of [['--repair'], ['--accept', 'wick']])
      expect((await run('check', '--bars', dirty, ...flags)).code).toBe(0)
  })

  test('--json holds the same', async () => {
    const { code, out } = await run('check', '--bars', dirty, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      accepted: false,
      rows: bars.rows,
      hasVolume: true,
      findings: [{ rule: 'wick', verdict: 'refused', count: 1, place: `dirty.csv:${BAD + 2}` }],
    })
  })
})

describe('trainer signals', () => {
  test('refuses what check refuses, and keeps the count of a repair in the footer', async () => {
    const refused = await run('signals', '--bars', dirty, '--output', 'none.parquet')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain(`dirty.csv:${BAD + 2}: high `)
    expect(refused.err).toContain(
      '1 bar like it (rule wick). Repair it with --repair, or accept it with --accept wick.',
    )
    expect(existsSync(join(folder.path, 'none.parquet'))).toBe(false)
    const { code } = await run('signals', '--bars', dirty, '--repair', '--output', 'repaired.parquet')
    const { metadata } = await readTable(join(folder.path, 'repaired.parquet'))
    expect([code, JSON.parse(metadata['bars.source'] ?? '')]).toEqual([
      0,
      { files: ['dirty.csv'], repair: true, repairs: { clipped: 1 } },
    ])
  })

  test('goes without volume where it is told so, and its footer says how the bars are read', async () => {
    const path = file('prices.csv', 'when,o,h,l,c', (row) => values(row).slice(0, 4))
    const columns = 'time=when,open=o,high=h,low=l,close=c'
    const refused = await run('signals', '--bars', path, '--columns', columns)
    expect([refused.code, refused.err.includes('or go without VWAP: --columns volume=-.')]).toEqual([1, true])
    const { code, out, err } = await run('signals', '--bars', path, '--columns', `${columns},volume=-`)
    expect(code).toBe(0)
    expect(out).toContain('volume: none, so VWAP and its touches are absent')
    expect(out).not.toContain('VWAP 1')
    expect(err).toContain('no volume: VWAP, and the touches of it, are absent')
    const { metadata } = await readTable(join(folder.path, 'data/ml/signals/signals.parquet'))
    expect(JSON.parse(metadata['bars.source'] ?? '')).toMatchObject({ columns: { open: 'o', volume: null } })
  })

  test('ends with 1 where nothing comes in', async () => {
    writeFileSync(join(folder.path, 'header.csv'), `${HEADER}\n`)
    const alone = await run('signals', '--bars', 'header.csv')
    expect([alone.code, alone.err.includes('has no bar. Give a file with rows below its header.')]).toEqual([1, true])
    const empty = file('empty.csv', HEADER, () => COLUMNS.map(() => ''))
    const repaired = await run('signals', '--bars', empty, '--repair')
    expect([repaired.code, repaired.err.includes('but no usable bar')]).toEqual([1, true])
    const sunday = join(folder.path, 'sunday.csv')
    writeFileSync(sunday, `${HEADER}\n2024-11-03T15:00:00Z,500,501,499,500,1\n`)
    const closed = await run('signals', '--bars', sunday)
    expect([closed.code, closed.err.includes('no bar lies in a regular session')]).toEqual([1, true])
    for (const args of [
      ['--columns', 'opne=o'],
      ['--columns', 'open=-'],
      ['--accept', 'everything'],
    ])
      expect((await run('signals', '--bars', clean, ...args)).code).toBe(2)
  })
})
