import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listAudit, readAudit, type AuditRecord, type Health } from '@breakwater/monitor/node'
import { type NatsServer, startNatsServer } from '@breakwater/nats'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { run, SCORER } from './run.ts'
import { nats, serve, stopped, warmSnapshots, withoutBus } from './serving.ts'

const models = inject('models')
let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'breakwater-audit-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(withoutBus)('a scorer that is watched', () => {
  let server: NatsServer
  let client: NatsConnection
  beforeEach(async () => {
    server = await startNatsServer({ path: nats.path ?? 'nats-server' })
    client = await connect({ servers: server.url })
  })
  afterEach(async () => {
    await client.close()
    await stopped(server)
  })

  test('keeps every tick in its audit log, which scores again to the same bits, and counts outcomes', async () => {
    const [audit, state] = [join(folder, 'audit'), join(folder, 'state', 'monitor.json')]
    const scorer = serve(models, server.url, [
      '--audit',
      audit,
      '--monitor-state',
      state,
      '--challenger',
      join(models, 'boosted_trees'),
      '--challenger-ms',
      '50',
    ])
    await scorer.said(/joined the bus/)
    const snapshots = await warmSnapshots(models, 200)
    const published: string[] = []
    for (const snapshot of snapshots) {
      const reply = await client.request('viewport.score', JSON.stringify(snapshot), { timeout: 60_000 })
      published.push(reply.string())
    }
    expect(await scorer.metric('breakwater_calibration_alarms_total')).toBe(0)
    expect(await scorer.metric('breakwater_outcome_bars_total{result="taken"}')).toBeGreaterThan(0)
    expect(await scorer.metric('breakwater_audit_records_total{result="lost"}')).toBe(0)
    const health = JSON.parse((await scorer.get('/health.json')).text) as Health
    expect(health).toMatchObject({
      version: 1,
      alarms: [],
      challenger: { counts: { dropped: expect.any(Number) as number } },
    })
    expect(health.heads.length).toBeGreaterThan(3)
    expect(health.heads.find(({ head }) => head === 't1_60s')?.tested).toMatchObject({
      served: { brier: expect.any(Number) as number },
      law: { smoothEce: expect.any(Number) as number },
    })
    const gained = health.heads.flatMap(({ recent }) => (recent?.gain == null ? [] : [recent.gain]))
    expect(gained.length).toBeGreaterThan(3)
    expect(gained.every(({ rows, brier }) => rows > 0 && Math.abs(brier) < 0.2)).toBe(true)
    const [feature] = health.features.drift
    expect(feature?.rows).toBeGreaterThan(0)
    expect(health.features.drift.every(({ alarmed }) => !alarmed)).toBe(true)
    expect(health.features.outOfDistribution).not.toBeNull()
    expect(health.outcomes.answered).toBeGreaterThan(0)
    expect(await scorer.metric('breakwater_challenger_ticks_total{result="scored"}')).toBeGreaterThan(0)
    expect(await scorer.end()).toBe(0)
    const compared = JSON.parse(await scorer.said(/"compared live rows with batch"/)) as object
    expect(compared).toMatchObject({ skewed: 0 })
    expect(Reflect.get(compared, 'same')).toBeGreaterThan(0)

    const records: AuditRecord[] = []
    for await (const record of readAudit(audit)) records.push(record)
    expect(records.map(({ kind }) => kind)).toEqual(['start', ...published.map(() => 'tick'), 'end'])
    expect(records.slice(1, -1).map(({ output }) => output)).toEqual(published)
    expect(records.some(({ rows }) => rows !== '')).toBe(true)
    expect((await listAudit(audit)).length).toBeLessThan(3)
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ version: 1, monitor: { join: { version: 1 } } })

    const replay = await run(SCORER, ['audit', 'replay', audit, '--json'])
    expect(replay.code).toBe(0)
    expect(JSON.parse(replay.out)).toMatchObject({ ticks: published.length, same: published.length, missing: 0 })
    const told = await run(SCORER, ['audit', 'replay', audit])
    expect(told.out).toMatch(/ differ; 0 records are missing\nNext: breakwater evaluate --served \S+ --bars <files>\n$/)
    const other = await run(SCORER, ['audit', 'replay', audit, '--model-dir', join(models, 'other_models')])
    expect(other.code).toBe(1)
    expect(other.out).toContain('models: ')
  })
})
