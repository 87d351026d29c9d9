import { type AuditRecord, replayAudit, type ReplayScorer } from '@breakwater/monitor/node'
import { describe, expect, test } from 'vitest'
import { openOf } from './market.ts'

const OPEN = openOf('2024-07-02')
const ms = (value: number): bigint => OPEN + BigInt(value) * 1_000_000n

const tick = (at: number, text: string): Omit<AuditRecord, 'run' | 'sequence'> => {
  const output = `{"ts":${at},"p":${text}}`
  return { kind: 'tick', tsNs: ms(at), input: '', output, rows: '', models: 'a b', code: '1', latencyMs: 0.25 }
}
const start = { ...tick(0, '0'), kind: 'start' } as const

async function* records(
  run: string,
  given: readonly Omit<AuditRecord, 'run' | 'sequence'>[],
): AsyncGenerator<AuditRecord> {
  for (const [sequence, record] of given.entries()) yield { ...record, run, sequence }
}

const scored = (run: string, numbers: readonly number[]): AsyncIterable<AuditRecord> =>
  records(run, [start, ...numbers.map((value, i) => tick(i * 250, String(value)))])

const scorer =
  (more: Partial<ReplayScorer> = {}) =>
  (): Promise<ReplayScorer> =>
    Promise.resolve({
      score: (published: string) => {
        const { ts } = JSON.parse(published) as { readonly ts: number }
        return { output: `{"ts":${ts},"p":${ts / 250}}`, rows: '' }
      },
      models: 'a b',
      code: '1',
      ...more,
    })

describe('a replay', () => {
  test('of the same program gives the same bits', async () => {
    const replay = await replayAudit(scored('one', [0, 1, 2]), scorer())
    expect(replay).toEqual({ ticks: 3, same: 3, runs: 1, missing: 0, differing: 0, differences: [] })
  })

  test('says where and why it does not: the output, other models, other rows, a gap', async () => {
    const differing = await replayAudit(scored('one', [0, 1.5, 2]), scorer())
    expect(differing.differences).toEqual([
      { run: 'one', sequence: 2, tsNs: ms(250), reason: 'output', detail: 'p: 1.5, now 1' },
    ])
    const models = await replayAudit(scored('one', [7]), scorer({ models: 'c d' }))
    expect(models.differences[0]).toMatchObject({ reason: 'models', detail: 'a b served, now c d' })
    const rows = Buffer.from(Float32Array.of(1, 2.5).buffer).toString('base64')
    const again = Buffer.from(Float32Array.of(1, 3).buffer).toString('base64')
    const one = records('one', [start, { ...tick(0, '0'), rows }])
    const other = await replayAudit(one, scorer({ score: () => ({ output: '{"ts":0,"p":0}', rows: again }) }))
    expect(other.differences[0]).toMatchObject({ reason: 'rows', detail: 'value 1: 2.5, now 3' })
    async function* gapped(): AsyncGenerator<AuditRecord> {
      for await (const record of scored('one', [0, 1, 2])) if (record.sequence !== 2) yield record
    }
    expect(await replayAudit(gapped(), scorer())).toMatchObject({
      ticks: 2,
      same: 2,
      missing: 1,
      differences: [{ reason: 'gap', detail: '1 record is missing' }],
    })
  })
})
