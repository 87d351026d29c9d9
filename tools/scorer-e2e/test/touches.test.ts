import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAudit } from '@breakwater/monitor/node'
import { startNatsServer } from '@breakwater/nats'
import type { IncomingSnapshot, ScorerOptions, ViewportScorer } from '@breakwater/scorer'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { lastSession, optionsOf, readMarket, scorerFor } from './market.ts'
import { run, SCORER } from './run.ts'
import { nats, serve, stopped, withoutBus } from './serving.ts'

const models = inject('models')
const session = lastSession(await readMarket(models, 7), 15_000)
const snapshots = [...session.snapshots()]

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-touches-'))
  path = join(folder, 'touches.log')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A scorer that begins before a snapshot, with all bars that came before it. */
const startedAt = (at: number, more: ScorerOptions = {}): Promise<ViewportScorer> =>
  scorerFor(models, session, {
    ...optionsOf(models, 'law'),
    history: [...session.history(), ...snapshots.slice(0, at).flatMap(({ bars = [] }) => bars)],
    ...more,
  })

const growthOf = (scorer: ViewportScorer): object => {
  const status = scorer.status()
  return status.enabled ? status.growth : {}
}

/** Neighbours of the levels of a snapshot that have them, by level, kind of row and time. */
function neighboursOf(scorer: ViewportScorer, snapshot: IncomingSnapshot): Map<string, unknown> {
  const { targets = [] } = scorer.viewportOf(snapshot) ?? {}
  return new Map(
    targets.flatMap(({ level_id: id, row_basis: basis, touch_ts_ns: ns, retrieval }) =>
      retrieval === null ? [] : [[`${id} ${basis} ${ns}`, retrieval] as const],
    ),
  )
}

const HALF = 900
/** Eight minutes later: no touch that was not confirmed at the restart has an outcome before. */
const LAST = HALF + 32

describe('a scorer that keeps its touches', () => {
  test('has after a restart the neighbours of one that never stopped, to the bit', async () => {
    const [whole, first] = [await startedAt(0), await startedAt(0, { touchesFile: path })]
    for (const snapshot of snapshots.slice(0, HALF)) for (const scorer of [whole, first]) scorer.viewportOf(snapshot)
    expect(growthOf(first)).toEqual(growthOf(whole))
    await first.close()
    const told: string[] = []
    const onTrouble = (message: string): void => void told.push(message)
    const second = await startedAt(HALF, { touchesFile: path, onTrouble })
    const without = await startedAt(HALF)
    expect(growthOf(second)).toMatchObject(countsOf(growthOf(whole)))
    let [same, other] = [0, 0]
    for (const snapshot of snapshots.slice(HALF, LAST)) {
      const wanted = neighboursOf(whole, snapshot)
      const [given, lacking] = [neighboursOf(second, snapshot), neighboursOf(without, snapshot)]
      for (const [key, neighbours] of wanted) {
        if (!given.has(key)) continue
        expect(given.get(key)).toEqual(neighbours)
        same += 1
        if (JSON.stringify(lacking.get(key)) !== JSON.stringify(neighbours)) other += 1
      }
    }
    expect(same).toBeGreaterThan(50)
    // Without the file they are others.
    expect(other).toBeGreaterThan(10)
    await second.close()
    expect(told).toEqual([])
  })

  test('takes none that were kept for another index, says so, and keeps them beside its own', async () => {
    const first = await startedAt(0, { touchesFile: path })
    for (const snapshot of snapshots.slice(0, 200)) first.viewportOf(snapshot)
    await first.close()
    const before = readFileSync(path, 'utf8')
    const told: string[] = []
    const second = await startedAt(200, {
      touchesFile: path,
      retrievalIndex: join(models, 'retrieval_index_stage_b_full.safetensors'),
      onTrouble: (message) => void told.push(message),
    })
    expect(told).toEqual([
      expect.stringMatching(/touches\.log: is of another index of stage_a \([0-9a-f]+…, now none\)/),
    ])
    expect(growthOf(second)).toMatchObject({ waiting: 0, resolved: 0 })
    for (const snapshot of snapshots.slice(200, 300)) expect(second.viewportOf(snapshot)?.error).toBeNull()
    await second.close()
    expect(readFileSync(`${path}.previous`, 'utf8')).toBe(before)
    expect(told).toHaveLength(1)
  })
})

describe.skipIf(withoutBus)('a scorer on the bus', () => {
  test('that is killed goes on with its touches, which its audit log knows', async () => {
    const server = await startNatsServer({ path: nats.path ?? 'nats-server' })
    onTestFinished(() => stopped(server))
    const client = await connect({ servers: server.url })
    onTestFinished(() => client.close())
    const audit = join(folder, 'audit')
    const flags = ['--monitor-state', join(folder, 'state', 'monitor.json'), '--audit', audit]
    const kept = join(folder, 'state', 'touches.log')
    const lines = (): number => (existsSync(kept) ? readFileSync(kept, 'utf8').split('\n').length - 1 : 0)
    const score = async (some: readonly IncomingSnapshot[]): Promise<void> => {
      for (const snapshot of some) {
        await client.request('viewport.score', JSON.stringify(snapshot), { timeout: 60_000 })
      }
    }
    const warm = [{ ...snapshots[0], bars: [...session.history()].slice(-1500) }, ...snapshots.slice(1)]
    const first = serve(models, server.url, flags)
    await first.said(/joined the bus/)
    await score(warm.slice(0, 160) as IncomingSnapshot[])
    await expect.poll(lines, { timeout: 60_000 }).toBeGreaterThan(10)
    first.signal('SIGKILL')
    await first.ended
    const second = serve(models, server.url, flags)
    await second.said(/joined the bus/)
    await score(warm.slice(160, 200) as IncomingSnapshot[])
    expect(await second.end()).toBe(0)
    // The kill may have cut a line short, which is told; nothing else is wrong with the file.
    const told = (await second.ended).err.split('\n').filter((line) => line.includes('touches.log'))
    expect(told.filter((line) => !line.includes('was cut short'))).toEqual([])
    const starts: string[] = []
    for await (const { kind, input } of readAudit(audit)) if (kind === 'start') starts.push(input)
    const begun = starts.map((text) => (JSON.parse(text) as { readonly touches: string }).touches.split('\n').length)
    expect(begun).toEqual([1, expect.any(Number)])
    expect(begun[1]).toBeGreaterThan(10)
    const replayed = await run(SCORER, ['audit', 'replay', audit, '--json'])
    expect(JSON.parse(replayed.out)).toMatchObject({ runs: 2, same: expect.any(Number) as number, differing: 0 })
  })
})

/** What a restart keeps: losses are counted from the start of a process. */
function countsOf(growth: object): object {
  const { waiting, resolved } = growth as { readonly waiting: number; readonly resolved: number }
  return { waiting, resolved }
}
