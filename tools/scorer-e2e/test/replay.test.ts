import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTable } from '@breakwater/features/parquet'
import { type IncomingSnapshot, payloadJsonSchema, viewportSchema, type ViewportPayload } from '@breakwater/scorer'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { launch } from './launch.ts'
import { run, SCORER, succeed } from './run.ts'

const folder = inject('models')
const outputs = mkdtempSync(join(tmpdir(), 'breakwater-replay-'))
afterAll(() => rmSync(outputs, { recursive: true, force: true }))

const market = ['--bars', join(folder, 'bars.parquet'), '--physics-file', join(folder, 'physics.parquet')]
const models = ['--model-dir', join(folder, 'boosted_trees'), '--retrieval-index', folder, '--physics', 'all']
const replay = (...more: readonly string[]): Promise<string> =>
  succeed(SCORER, ['replay', ...market, ...models, '--speed', '0', '--interval-ms', '15000', '--json', ...more])

/** The last line that a replay prints. */
async function lastLine(...more: readonly string[]): Promise<string | undefined> {
  const quick = ['--speed', '0', '--interval-ms', '60000', ...more]
  return (await succeed(SCORER, ['replay', ...market, ...models, ...quick])).split('\n').at(-2)
}

/** A validator that is not the code that writes the schema. */
const validatorOf = (version: 1 | 2): ValidateFunction =>
  new Ajv2020({ strict: true, allowUnionTypes: true }).compile(payloadJsonSchema(version))

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

interface ReplayOutput {
  readonly ticks: number
  readonly scored: number
  readonly refused: number
  readonly targets: number
  readonly written: number
}

describe('scorer replay', () => {
  test('scores a session tick by tick into JSON lines that keep the schema', async () => {
    const path = join(outputs, 'day.jsonl')
    const told = JSON.parse(await replay('--output', path)) as ReplayOutput
    expect(told).toMatchObject({ ticks: 1560, scored: 1560, refused: 0, written: 1560 })
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(1560)
    let targets = 0
    let last = 0
    for (const line of lines) {
      const payload = JSON.parse(line) as IncomingSnapshot & { readonly viewport: ViewportPayload }
      expect(viewportSchema.safeParse(payload.viewport).success).toBe(true)
      expect(payload.ts).toBeGreaterThan(last)
      last = payload.ts
      targets += payload.viewport.targets.length
    }
    expect(targets).toBe(told.targets)
    expect(readdirSync(outputs)).toEqual(['day.jsonl'])
  })

  test.each([
    [2, 1],
    [1, 2],
  ] as const)(
    'publishes version %i where it is asked for, by its JSON Schema and not by that of the other',
    async (version, other) => {
      const path = join(outputs, `version-${version}.jsonl`)
      const [own, foreign] = [validatorOf(version), validatorOf(other)]
      await replay('--output', path, '--write-every', '5', ...(version === 2 ? [] : ['--payload', String(version)]))
      const payloads = readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
      expect(payloads).toHaveLength(312)
      for (const payload of payloads) {
        expect(own(payload) ? [] : own.errors).toEqual([])
        expect(foreign(payload)).toBe(false)
      }
      rmSync(path)
    },
  )

  test('the same input gives the same bytes, as Parquet and as JSON lines', async () => {
    const paths = ['a.parquet', 'b.parquet'].map((name) => join(outputs, name))
    const told = await Promise.all(paths.map((path) => replay('--output', path, '--write-every', '4')))
    expect(sha256(paths[0] ?? '')).toBe(sha256(paths[1] ?? ''))
    const { table } = await readTable(paths[0] ?? '')
    const counts = told.map((text) => JSON.parse(text) as ReplayOutput)
    expect(counts.map(({ written }) => written)).toEqual([390, 390])
    expect(table.rows).toBeGreaterThan(390)
    expect(Object.keys(table.columns)).toEqual(
      expect.arrayContaining(['ts_ns', 'touch_ts_ns', 'viewport_state', 'p_break', 't2_bounce_300s', 'utility_score']),
    )
    const again = join(outputs, 'again.jsonl')
    await replay('--output', again)
    expect(sha256(again)).toBe(sha256(join(outputs, 'day.jsonl')))
  })

  test('ends with how the payloads are compared with what happened', async () => {
    const bars = join(folder, 'bars.parquet')
    const path = join(outputs, 'told.jsonl')
    expect(await lastLine('--output', path)).toBe(`Next: breakwater evaluate --served ${path} --bars ${bars}`)
    expect(await lastLine()).toBe(
      `Next: breakwater replay with --output replay.jsonl, then breakwater evaluate --served replay.jsonl --bars ${bars}`,
    )
    rmSync(path)
  })

  test('dates that the bars do not have are refused with the range that exists, and leave no file', async () => {
    const output = join(outputs, 'none.jsonl')
    const { code, err } = await run(SCORER, [
      'replay',
      ...market,
      ...models,
      '--dates',
      '2031-01-02',
      '--output',
      output,
    ])
    expect(code).toBe(2)
    expect(err).toMatch(
      /--dates 2031-01-02: no matching dates: the bars have 12 sessions from 20\d\d-\d\d-\d\d to 20\d\d-\d\d-\d\d\./,
    )
    expect(existsSync(output)).toBe(false)
  })

  test('an interrupt ends it with code 130 and leaves no file', async () => {
    const output = join(outputs, 'cut.jsonl')
    const page = ['--ui', '--http-port', '0', '--speed', '1']
    const replaying = launch(SCORER, ['replay', ...market, ...models, ...page, '--output', output])
    await replaying.said(/^live page: /)
    replaying.signal('SIGINT')
    const { code, err } = await replaying.ended
    expect([code, err.split('\n').at(-1)]).toEqual([130, 'scorer: interrupted; no file was left half-written'])
    expect(readdirSync(outputs).filter((name) => name.startsWith('cut'))).toEqual([])
  })

  test('missing models and unknown flags end with a message and their exit code', async () => {
    const missing = await run(SCORER, ['replay', ...market, '--model-dir', '/nowhere', '--speed', '0'])
    expect([missing.code, missing.err]).toEqual([
      1,
      expect.stringContaining('models: /nowhere: model bundle missing') as string,
    ])
    const unknown = await run(SCORER, ['schema', '--nonsense'])
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("unknown option '--nonsense'") as string])
    const meeting = await run(SCORER, ['serve', '--enrich', 'levels.>'])
    expect([meeting.code, meeting.err]).toEqual([2, expect.stringContaining('would read what it publishes') as string])
  })

  test.each(['serve', 'replay', 'schema'])('%s --help has examples', async (command) => {
    expect(await succeed(SCORER, [command, '--help'])).toMatch(/\nExamples:\n {2}\S/)
  })
})
