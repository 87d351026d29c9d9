import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { meanValueBySession, sessionBlockBootstrap } from '@breakwater/calibration'
import type { RunDifference, RunSummary } from '@breakwater/evaluation'
import { deriveHeads, numbersOf, stringsOf } from '@breakwater/features'
import { loadSchema, readSignals, readTable, SHIPPED_SCHEMA } from '@breakwater/features/parquet'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { createProgram } from '../src/program.ts'
import { testContext } from './test-context.ts'

const cwd = mkdtempSync(join(tmpdir(), 'breakwater-runs-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const simulation = simulate({ sessions: 14, seed: 5 })
const { dates } = simulation.truth
let now = Date.parse('2025-06-02T10:00:00Z')

/** Runs a command, and gives what it prints. */
async function run(...args: readonly string[]): Promise<string> {
  let said = ''
  const context: Context = {
    ...testContext(cwd),
    clock: () => now,
    terminal: { out: (text) => (said += text), err: () => undefined, interactive: false, width: 100 },
  }
  await (await createProgram(context, args)).parseAsync(args, { from: 'user' })
  return said
}

interface Trained {
  readonly sets: readonly { readonly predictions: { readonly file: string } }[]
}

/** Trains on the first sessions and tests on `tested`; gives the file of the predictions. */
async function train(tested: readonly string[], ...more: readonly string[]): Promise<string> {
  now += 60_000
  const roles = ['--train-dates', ...dates.slice(0, 6), '--val-dates', ...dates.slice(6, 8), '--test-dates', ...tested]
  const small = ['--anchors', '4min', '--horizons', '120', '--tracking', 'none', '--threads', '1', '--json']
  const said = await run(
    'train',
    '--data-path',
    'signals.parquet',
    '--output-dir',
    'models',
    ...roles,
    ...small,
    ...more,
  )
  return join(cwd, 'models', (JSON.parse(said) as Trained).sets[0]?.predictions.file ?? '')
}

const BOTH = dates.slice(8, 12)
const files = { a: '', b: '', c: '' }
let listed: readonly RunSummary[] = []
const idOf = (at: number): string => listed[at]?.id ?? ''

beforeAll(async () => {
  await writeSimulation(cwd, simulation)
  await run('signals', '--bars', 'bars.parquet', '--physics', 'physics.parquet', '--output', 'signals.parquet')
  files.a = await train(BOTH, '--rounds', '2')
  files.b = await train(BOTH, '--rounds', '20', '--max-depth', '3')
  files.c = await train(dates.slice(12), '--rounds', '2')
  listed = (JSON.parse(await run('runs', '--model-dir', 'models', '--json')) as { runs: RunSummary[] }).runs
}, 600_000)

/** What a run serves of a head, with its targets and sessions, read from its files by hand; by event. */
async function served(file: string, head: string): Promise<Map<string, number>> {
  const { table } = await readTable(file)
  const values = numbersOf(table, `s_${head}`)
  return new Map(stringsOf(table, 'event_id').map((id, row) => [id, values[row] as number]))
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('runs', () => {
  test('are listed, the newest first, with what they serve and save beyond the law', async () => {
    expect(listed.map(({ current, scored }) => [current, scored.sessions])).toEqual([
      [true, 2],
      [false, 4],
      [false, 4],
    ])
    for (const { skill, served: choice, stage, ablation } of listed) {
      expect([stage, ablation, choice?.kind]).toEqual(['stage_b', 'full', expect.stringMatching(/^(law|heads)$/)])
      expect(skill).toMatchObject({ group: 'reach', heads: 6, anchor: '4min' })
      expect(skill?.beyond_law).toBeCloseTo((skill?.law_log_loss ?? 0) - (skill?.log_loss ?? 0), 12)
    }
    const lines = (await run('runs', '--model-dir', 'models')).split('\n')
    expect(lines[1]).toContain(`${idOf(0).slice(0, 12)}  stage_b_full  2025-06-02 10:03`)
    expect(lines[1]).toContain('current')
    expect(lines.filter((line) => line.length > 100)).toEqual([])
    const compared = `breakwater runs diff ${idOf(1).slice(0, 12)} ${idOf(0).slice(0, 12)} --model-dir models`
    expect(lines.slice(-3)).toEqual(['3 runs, 1 of them current', `Next: ${compared}`, ''])
    expect(await run('runs', '--model-dir', 'nothing')).toBe(
      'no trained sets in nothing: train one, or name another folder with --model-dir\nNext: breakwater train\n',
    )
  })

  test('a difference is the loss of one less that of the other on the same rows, with sessions resampled', async () => {
    const difference = JSON.parse(
      await run('runs', 'diff', idOf(2), idOf(1).slice(0, 9), '--model-dir', 'models', '--json'),
    ) as RunDifference
    const { table } = await readSignals({
      paths: join(cwd, 'signals.parquet'),
      schema: await loadSchema(SHIPPED_SCHEMA),
    })
    const targets = deriveHeads(table, { thresholds: [1, 2], windowSeconds: 480, anchors: ['4min'], horizons: [120] })
    const ids = stringsOf(table, 'event_id')
    const days = stringsOf(table, 'date')
    for (const name of ['direction', 't1_120s']) {
      const target = targets.find((each) => each.name === name)
      const [a, b] = [await served(files.a, name), await served(files.b, name)]
      const losses: [number[], number[], number[]] = [[], [], []]
      for (const [row, id] of ids.entries()) {
        const [p, q, y] = [a.get(id) ?? Number.NaN, b.get(id) ?? Number.NaN, target?.values[row] ?? 0]
        if (target?.mask[row] !== 1 || Number.isNaN(p) || Number.isNaN(q)) continue
        losses[0].push(-Math.log(y === 1 ? p : 1 - p))
        losses[1].push(-Math.log(y === 1 ? q : 1 - q))
        losses[2].push(dates.indexOf(days[row] as string))
      }
      const head = difference.heads.find((each) => each.name === name)
      expect([head?.rows, head?.sessions]).toEqual([losses[2].length, BOTH.length])
      expect(head?.loss_a.estimate).toBeCloseTo(mean(losses[0]), 10)
      expect(head?.loss_b.estimate).toBeCloseTo(mean(losses[1]), 10)
      const paired = losses[0].map((loss, row) => loss - (losses[1][row] as number))
      const score = { saved: meanValueBySession(Float64Array.from(paired)) }
      const { saved } = sessionBlockBootstrap(Int32Array.from(losses[2]), score, { seed: 7 })
      for (const part of ['estimate', 'low', 'high'] as const)
        expect(head?.saved[part]).toBeCloseTo(saved[part] ?? Number.NaN, 10)
    }
    expect(difference.common.sessions).toEqual(BOTH)
    expect(difference.data).toEqual({ same: true, onlyA: [], onlyB: [] })
    expect(difference.settings).toEqual([
      { name: 'trees.maxDepth', a: 6, b: 3 },
      { name: 'trees.rounds', a: 2, b: 20 },
    ])
  })

  test('the other way round it has the other sign, and a run beside itself by another name is refused', async () => {
    const forth = JSON.parse(
      await run('runs', 'diff', idOf(2), idOf(1), '--model-dir', 'models', '--json'),
    ) as RunDifference
    const back = JSON.parse(
      await run('runs', 'diff', idOf(1), idOf(2), '--model-dir', 'models', '--json'),
    ) as RunDifference
    expect(back.summary.reach?.saved.estimate).toBeCloseTo(-(forth.summary.reach?.saved.estimate ?? Number.NaN), 12)
    expect(back.summary.reach?.saved.low).toBeCloseTo(-(forth.summary.reach?.saved.high ?? Number.NaN), 12)
    await expect(run('runs', 'diff', 'stage_b_full', idOf(0), '--model-dir', 'models')).rejects.toThrow(
      `both name run ${idOf(0)}. Name two.`,
    )
  })

  test('as text it fits the width and names what differs', async () => {
    const text = await run('runs', 'diff', idOf(2), idOf(1), '--model-dir', 'models')
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
    expect(text).toMatch(/^ {2}trees\.rounds: 2 -> 20$/m)
    expect(text).toMatch(/\n\nNext: breakwater (?:ui --compare|rollback --set metadata_stage_b_full --to) /)
    expect(text).toMatch(/^direction +-?\d\.\d{4} \[-?\d\.\d{4}, -?\d\.\d{4}\] /m)
  })

  test('runs without a common row, unknown runs and absent signals are errors that say what there is', async () => {
    await expect(run('runs', 'diff', idOf(2), idOf(0), '--model-dir', 'models')).rejects.toThrow(
      /share no row: .* test rows, .* Compare runs with test sessions in common/,
    )
    await expect(run('runs', 'diff', 'zz', idOf(0), '--model-dir', 'models')).rejects.toThrow(
      `models: run zz: is no run of models. It has ${idOf(0)} (metadata_stage_b_full), `,
    )
    await expect(run('runs', 'diff', '--model-dir', 'models')).rejects.toThrow('name two runs')
    await run('signals', '--bars', 'bars.parquet', '--output', 'other.parquet')
    await expect(
      run('runs', 'diff', idOf(2), idOf(1), '--model-dir', 'models', '--data-path', 'other.parquet'),
    ).rejects.toThrow(/the signals of neither run are there: .* found other\.parquet \(hash /)
  })

  test('what cannot be read is told beside the others', async () => {
    writeFileSync(join(cwd, 'models', 'metadata_stage_a_ta.json'), '{}')
    const { runs, unread } = JSON.parse(await run('runs', '--model-dir', 'models', '--json')) as {
      runs: unknown[]
      unread: string[]
    }
    expect(runs).toHaveLength(3)
    expect(unread).toEqual([expect.stringContaining('metadata_stage_a_ta.json')])
  })
})
