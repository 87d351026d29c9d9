// The trainer as its users run it: workers, a starter that is interrupted, a sweep, and the state of the bus.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import type { NatsServer } from '@breakwater/nats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jetStreamServer, scratch, SERVER } from './rig.ts'
import { commandsOfReadme, withValues, workerOfCompose } from './cluster.ts'
import { begin as beginIn, hashesIn as hashesOf, type Run, SCHEMA, succeed as succeedIn } from './trainer-process.ts'

const { path: cwd, clean } = scratch()
const SET = ['--stage', 'stage_b', '--ablation', 'ta']
const TRAIN = [...SET, '--folds', '2', '--anchors', '4min', '2min', '--horizons', '60']
/** With the fit on all sessions, and fewer heads. */
const FINAL = [...SET, '--folds', '2', '--anchors', '4min', '--horizons', '60', '--final']
const [serverLine = [], workerLine = [], trainLine = [], sweepLine = [], jobsLine = []] = commandsOfReadme()
const FAST = ['--rounds', '8', '--data-path', 'signals.parquet', '--tracking', 'none', '--schema', SCHEMA]

const begin = (args: readonly string[]): ReturnType<typeof beginIn> => beginIn(cwd, args)
const succeed = (args: readonly string[]): Promise<Run> => succeedIn(cwd, args)
const hashesIn = (name: string): Record<string, string> => hashesOf(join(cwd, name))

describe.skipIf(SERVER === undefined)('the trainer on a bus', () => {
  let server: NatsServer
  const workers: ReturnType<typeof begin>[] = []
  const worker = async (folder: string, command = workerLine): Promise<ReturnType<typeof begin>> => {
    const started = begin(withValues(command, { '--nats': server.url, '--data-dir': folder, '--threads': '1' }))
    await started.said(/^worker .*: 1 thread, program /)
    workers.push(started)
    return started
  }

  beforeAll(async () => {
    const [program, jetStream, flag, store = ''] = serverLine
    if (program !== 'nats-server' || jetStream !== '-js' || flag !== '-sd')
      throw new Error(`start it otherwise: ${serverLine.join(' ')}`)
    server = await jetStreamServer(join(cwd, store))
    const { bars, physics } = await writeSimulation(cwd, simulate({ sessions: 14, seed: 5 }))
    await succeed(['signals', '--bars', bars, '--physics', physics, '--output', 'signals.parquet'])
    await succeed(['train', ...TRAIN, ...FAST, '--output-dir', 'alone', '--threads', '1'])
  })
  afterAll(async () => {
    for (const each of workers) each.signal('SIGKILL')
    await Promise.all(workers.map((each) => each.ended))
    await server.stop()
    clean()
  })

  test('threads give the bytes of one, and leave no results of jobs behind', async () => {
    await succeed(['train', ...TRAIN, ...FAST, '--output-dir', 'threads', '--threads', '2'])
    expect(hashesIn('threads')).toEqual(hashesIn('alone'))
    expect(existsSync(join(cwd, 'threads', 'jobs'))).toBe(false)
  })

  test('an interrupted training goes on where it was cut off: here, then with one worker; two that share a folder fit on all sessions too', async () => {
    const local = begin(['train', ...TRAIN, ...FAST, '--output-dir', 'cut', '--threads', '1'])
    // The first job is done when a second one reports.
    await local.said(/train stage_b ta/)
    const isBegun = (): boolean =>
      existsSync(join(cwd, 'cut', 'jobs')) && readdirSync(join(cwd, 'cut', 'jobs')).length > 1
    while (!isBegun()) await new Promise((resolve) => setImmediate(resolve))
    local.signal('SIGINT')
    expect((await local.ended).code).toBe(130)
    expect(existsSync(join(cwd, 'cut', 'metadata_stage_b_ta.json'))).toBe(false)
    await worker('w0')
    const over = [...TRAIN, ...FAST, '--workers', server.url]
    await succeed(['train', ...over, '--output-dir', 'cut'])
    expect(hashesIn('cut')).toEqual(hashesIn('alone'))
    // The one as the README of the example starts it, the other as its compose file does, and the work as the README has it.
    await Promise.all([worker('shared'), worker('shared', workerOfCompose())])
    const shared = withValues(trainLine, { '--workers': server.url, '--ablation': 'ta' })
    await succeed([...shared, ...FINAL, ...FAST, '--output-dir', 'two'])
    await succeed(['train', ...FINAL, ...FAST, '--output-dir', 'final', '--threads', '1'])
    expect(hashesIn('two')).toEqual(hashesIn('final'))
    const read = (name: string): unknown => JSON.parse(readFileSync(join(cwd, 'two', name), 'utf8'))
    const { details } = read('metadata_stage_b_ta.json') as { details: { final: { dates: string[]; heads: object[] } } }
    const { origin } = read('law_stage_b_ta.json') as { origin: { dates: { train: string[]; test: string[] } } }
    expect([details.final.dates.length, details.final.heads.length]).toEqual([14, 9])
    expect([origin.dates.train, origin.dates.test]).toEqual([details.final.dates, []])
    const { out } = await succeed(withValues(jobsLine, { '--nats': server.url }))
    expect(out).toMatch(/^3 workers\n/)
    expect(out).toContain('breakwater train stage_b ta, into two')
    expect(out).toMatch(/\n\nNo job is left; the workers are free\.\nNext: breakwater train --workers <urls>\n$/)
    const [run] = (
      JSON.parse((await succeed(['jobs', '--nats', server.url, '--json'])).out) as { runs: { run: string }[] }
    ).runs
    expect((await succeed(['jobs', 'cancel', run?.run.slice(0, 9) ?? '', '--nats', server.url])).out).toBe(
      `0 queued jobs removed; those at work are stopped\nNext: breakwater jobs --nats ${server.url}\n`,
    )
    const [first] = workers
    first?.signal('SIGTERM')
    const left = await first?.ended
    expect(left?.code).toBe(0)
    expect(left?.err).toMatch(
      /^worker .*\nNext: breakwater train --workers <urls>\n[^]*The worker has finished its jobs and left\.\nNext: breakwater jobs\n?$/,
    )
  })

  test('a sweep gives the same results with workers, and writes them for Optuna', async () => {
    const config = {
      method: 'grid',
      halving: { eta: 2 },
      metric: { head: 't1_60s', name: 'log_loss' },
      data: { signals: ['signals.parquet'] },
      train: { ablation: 'ta', rounds: [1, 8], maxDepth: [2, 3] },
      plan: { folds: 2, testSessions: 2, valSessions: 1 },
      anchors: ['4min'],
      horizons: [60],
    }
    writeFileSync(join(cwd, 'sweep.json'), JSON.stringify(config))
    const common = ['--tracking', 'none', '--schema', SCHEMA, '--json']
    const args = ['sweep', '--config', 'sweep.json', ...common]
    const alone = JSON.parse((await succeed([...args, '--output-dir', 'swept'])).out) as {
      results: { number: number; stopped: number | null }[]
    }
    const over = JSON.parse(
      (await succeed([...withValues(sweepLine, { '--workers': server.url }), ...common, '--output-dir', 'swept-over']))
        .out,
    ) as object
    expect({ ...over, folder: 'swept' }).toEqual(alone)
    expect(alone.results.filter(({ stopped }) => stopped === 1)).toHaveLength(2)
    const lines = readFileSync(join(cwd, 'swept', 'optuna-journal.log'), 'utf8')
      .trim()
      .split('\n')
    expect(lines).toHaveLength(5)
    expect(lines.map((line) => (JSON.parse(line) as { op_code: number }).op_code)).toEqual([0, 4, 4, 4, 4])
  })

  test('an index is scored by workers as by this process, and no results of jobs are left behind', async () => {
    const args = ['index', ...SET, '--model-dir', 'alone', '--data-path', 'signals.parquet', '--evaluate-k', '5', '10']
    const common = [...args, '--anchor', '4min', '--tracking', 'none', '--schema', SCHEMA]
    await succeed([...common, '--output-dir', 'indexed', '--threads', '1'])
    await succeed([...common, '--output-dir', 'indexed-over', '--workers', server.url])
    await succeed([...common, '--output-dir', 'indexed-threads', '--threads', '2'])
    expect(readdirSync(join(cwd, 'indexed')).toSorted()).toContain('retrieval_index_stage_b_ta.json')
    for (const folder of ['indexed-over', 'indexed-threads']) {
      expect(hashesIn(folder)).toEqual(hashesIn('indexed'))
      expect(existsSync(join(cwd, folder, 'jobs'))).toBe(false)
    }
  })

  test('without a server, and with a worker of a folder that is not shared, the reason is told', async () => {
    const lost = await begin(['train', ...TRAIN, ...FAST, '--workers', 'nats://127.0.0.1:1', '--output-dir', 'lost'])
      .ended
    expect(lost.code).toBe(1)
    expect(lost.err).toContain(
      'jobs: 127.0.0.1:1: no NATS server answers. Start one with JetStream (nats-server -js), or correct the address.',
    )
  })
})
