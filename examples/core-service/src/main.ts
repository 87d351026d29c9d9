// A small Core Service. It snaps the market every 250 ms, has the levels scored, and publishes on levels.signals.
//
//   BARS=bars.parquet PHYSICS=physics.parquet VIEWPORT_SCORING_ENABLED=true VIEWPORT_PHYSICS=all \
//   VIEWPORT_MODEL_DIR=data/ml/boosted_trees VIEWPORT_RETRIEVAL_INDEX=data/ml \
//   NATS_URL=nats://127.0.0.1:4222 SPEED=1 node --conditions=@breakwater/source examples/core-service/src/main.ts
//
// Without NATS_URL payloads go to stdout, one per line. SPEED is times real time; 0 goes as fast as it can. TICKS ends
// the service after so many.
import process from 'node:process'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { createViewportScorer, type IncomingSnapshot } from '@breakwater/scorer'
import { connect } from '@nats-io/transport-node'
import { runCoreService } from './core-service.ts'
import { recordedMarket } from './market.ts'

const { env } = process
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())

const market = await recordedMarket(env['BARS'] ?? 'data/ml/demo/bars.parquet', env['PHYSICS'])
// Loads and checks the models where scoring is on; else it reads nothing and adds nothing.
// What was recorded may be of any time; a live market sets no `tuning` here.
const tuning = { maxAheadMs: Infinity }
const scorer = await createViewportScorer({ env, history: market.history(), pins: [{ kind: 'VWAP' }], tuning })

const nats = env['NATS_URL'] === undefined ? null : await connect({ servers: env['NATS_URL'] })
const publish = (payload: string): void => {
  if (nats === null) process.stdout.write(`${payload}\n`)
  else nats.publish('levels.signals', payload)
}

const speed = Number(env['SPEED'] ?? 1)
const most = Number(env['TICKS'] ?? Infinity)
let begun: { readonly ts: number; readonly at: number } | null = null
const until = async (ts: number): Promise<void> => {
  begun ??= { ts, at: performance.now() }
  if (speed === 0) await setImmediate()
  else await setTimeout(Math.max(0, begun.at + (ts - begun.ts) / speed - performance.now()))
}

function* limited(snapshots: Iterable<IncomingSnapshot>): Generator<IncomingSnapshot> {
  let count = 0
  for (const snapshot of snapshots) {
    if (count++ >= most) return
    yield snapshot
  }
}

const published = await runCoreService({
  snapshots: limited(market.snapshots()),
  scorer,
  publish,
  until,
  stop: stop.signal,
})
await nats?.drain()
process.stderr.write(`published ${published} payloads\n`)
