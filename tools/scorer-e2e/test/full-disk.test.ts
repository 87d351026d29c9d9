import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditRecord, readAudit } from '@breakwater/monitor/node'
import { startNatsServer } from '@breakwater/nats'
import { connect } from '@nats-io/transport-node'
import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { nats, serve, stopped, warmSnapshots, withoutBus } from './serving.ts'

const models = inject('models')
const succeeds = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

const disk = mkdtempSync(join(tmpdir(), 'breakwater-audit-disk-'))
const isMounted = succeeds('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk)
afterAll(() => {
  if (isMounted) succeeds('umount', '--lazy', disk)
  rmSync(disk, { recursive: true, force: true })
})

const ballast = join(disk, 'ballast')
/** Leaves no byte of the disk free. */
function fill(): void {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(ballast, Buffer.alloc(bavail * bsize))
}
const empty = (): void => rmSync(ballast)

/** A scorer on a bus of its own, which keeps its log in a folder of the disk. */
async function audited(name: string) {
  const server = await startNatsServer({ path: nats.path ?? 'nats-server' })
  onTestFinished(() => stopped(server))
  const client = await connect({ servers: server.url })
  onTestFinished(() => client.close())
  const audit = join(disk, name)
  const scorer = serve(models, server.url, ['--audit', audit])
  await scorer.said(/joined the bus/)
  return {
    audit,
    scorer,
    /** What is published of snapshots, one after the other. */
    send: async (snapshots: readonly unknown[]): Promise<string[]> => {
      const published: string[] = []
      for (const snapshot of snapshots) {
        published.push((await client.request('viewport.score', JSON.stringify(snapshot), { timeout: 60_000 })).string())
      }
      return published
    },
  }
}

describe.skipIf(withoutBus || !isMounted)('a scorer whose audit log has a small disk of its own', () => {
  test('scores on while it is full, says so, and keeps every record when there is room again', async () => {
    const { audit, scorer, send } = await audited('audit')
    const published: string[] = []
    const metric = async (name: string): Promise<number> => Number(await scorer.metric(name))
    const reached = async (name: string, value: number): Promise<void> =>
      await expect.poll(() => metric(name), { timeout: 60_000 }).toBeGreaterThanOrEqual(value)

    // Snapshots are 15 s apart, and the log writes after ten: at every one of them.
    const snapshots = await warmSnapshots(models, 60)
    published.push(...(await send(snapshots.slice(0, 20))))
    await reached('breakwater_audit_records_total{result="written"}', 20)
    expect(await metric('breakwater_audit_failures_total')).toBe(0)
    fill()
    published.push(...(await send(snapshots.slice(20, 40))))
    await reached('breakwater_audit_failures_total', 1)
    expect(await metric('breakwater_audit_records_total{result="lost"}')).toBe(0)
    empty()
    published.push(...(await send(snapshots.slice(40))))
    await reached('breakwater_audit_records_total{result="written"}', 60)
    expect(await metric('breakwater_audit_records_total{result="lost"}')).toBe(0)
    expect(await scorer.end()).toBe(0)

    for (const text of published) expect(JSON.parse(text)).toMatchObject({ viewport: { version: 2, error: null } })
    const records: AuditRecord[] = []
    for await (const record of readAudit(audit)) records.push(record)
    expect(records.map(({ kind }) => kind)).toEqual(['start', ...snapshots.map(() => 'tick'), 'end'])
    expect(records.slice(1, -1).map(({ output }) => output)).toEqual(published)
  })

  test('says at its end what a full disk took from it', async () => {
    const { scorer, send } = await audited('second')
    fill()
    const snapshots = await warmSnapshots(models, 30)
    for (const text of await send(snapshots)) {
      expect(JSON.parse(text)).toMatchObject({ viewport: { version: 2, error: null } })
    }
    expect(await scorer.end()).toBe(0)
    empty()
    // The start of the run, its ticks and its end.
    const told = JSON.parse(await scorer.said(/the audit log lost/)) as { readonly msg: string }
    expect(told.msg).toContain(`monitor: the audit log lost ${snapshots.length + 2} records: formats: `)
    expect(told.msg).toMatch(/the disk is full \(ENOSPC\)|its disk has \d+ free/)
  })
})
