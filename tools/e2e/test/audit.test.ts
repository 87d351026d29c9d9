import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT, temporaryFolder, trainer } from './run-trainer.ts'

const folder = temporaryFolder()
afterAll(folder.remove)
const SCHEMA = join(ROOT, 'data', 'features.json')
const run = (...args: readonly string[]): ReturnType<typeof trainer> => trainer(args, { cwd: folder.path })

beforeAll(async () => {
  await writeSimulation(folder.path, simulate({ sessions: 12, seed: 6 }))
  const files = ['--bars', 'bars.parquet', '--physics', 'physics.parquet']
  const { code, err } = await run('signals', ...files, '--output', 'signals.parquet')
  if (code !== 0) throw new Error(err)
})

describe('trainer audit', () => {
  test('is silent on signals of bars and physics, replays history, and writes figures and a page', async () => {
    const files = ['--bars', 'bars.parquet', '--physics', 'physics.parquet']
    const { code, out, err } = await run('audit', '--data-path', 'signals.parquet', ...files, '--schema', SCHEMA)
    expect([code, err.includes('trainer:')]).toEqual([0, false])
    expect(out).toMatch(/history replayed at 8 times: \d{4,} values compared\nNo leak was found\.\n/)
    const audit = JSON.parse(readFileSync(join(folder.path, 'data/ml/reports/audit.json'), 'utf8')) as object
    expect(audit).toMatchObject({ clean: true, findings: [] })
    expect(readFileSync(join(folder.path, 'data/ml/reports/audit.html'), 'utf8')).toContain(
      '<h1>No leak was found</h1>',
    )
  })

  test('ends with 1 where the schema makes a feature of a label, and names it', async () => {
    const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as { columns: Record<string, object> }
    const more = { role: 'feature', family: 'ta', stage: 'b', group: 'mean_reversion', known_after_s: 60 }
    schema.columns['strength_signed_8min'] = { ...schema.columns['strength_signed_8min'], ...more }
    writeFileSync(join(folder.path, 'leaky.json'), JSON.stringify(schema))
    const { code, out, err } = await run('audit', '--data-path', 'signals.parquet', '--schema', 'leaky.json', '--json')
    expect(code).toBe(1)
    expect(err).toContain('trainer: the signals have columns that reveal what had not happened yet.')
    const audit = JSON.parse(out) as { clean: boolean; findings: { check: string; column: string }[] }
    expect(audit.clean).toBe(false)
    expect(audit.findings.map(({ check, column }) => `${check} ${column}`)).toContain('ahead strength_signed_8min')
  })
})
