import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunStart } from '@breakwater/tracking'
import { mlflowServer } from '@breakwater/tracking/node'
import type { MlflowServerOptions } from '@breakwater/tracking/node'
import type { MlflowDouble } from './mlflow-double.ts'
import type { RecordedRun } from './seen.ts'
import { serverOptionsFor } from './sinks.ts'

/** The id of the job's run. */
export const ID: string = 'b2'.repeat(16)

/** How the job's run begins. */
export const START: RunStart = { id: ID, name: 'run', job: 'retrieval', tags: { run_id: ID, job: 'retrieval' } }

/** What a server holds of the whole job. */
export const WORKED: RecordedRun = {
  name: 'run',
  job: 'retrieval',
  status: 'finished',
  params: { k: '50' },
  tags: START.tags,
  metrics: { brier: ['0:0.25', '1:0.2'] },
  artifacts: { features: { 'features.txt': 'a\nb\n' } },
  datasets: [],
}

/** The journals in the spool. */
export const left = ({ spool }: MlflowServerOptions): string[] => (existsSync(spool) ? readdirSync(spool) : [])

/** A small job from start to end. */
export async function work(options: MlflowServerOptions, start: RunStart = START): Promise<readonly string[]> {
  const run = await mlflowServer(options).start(start)
  await run.params({ k: 50 })
  await run.metrics({ brier: 0.25 }, 0)
  await run.metrics({ brier: 0.2 }, 1)
  await run.artifact({ name: 'features', type: 'features', files: [{ path: 'features.txt', text: 'a\nb\n' }] })
  await run.end('finished')
  return run.places
}

/** Options for a server, and the list of what it warns of. */
export function made(double: Pick<MlflowDouble, 'uri'>): { options: MlflowServerOptions; warnings: string[] } {
  const warnings: string[] = []
  return { options: serverOptionsFor(double, warnings), warnings }
}

/** An address where nothing listens. */
export async function freeAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return `http://127.0.0.1:${port}`
}
