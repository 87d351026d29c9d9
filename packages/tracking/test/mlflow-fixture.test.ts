import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import type { Tracker } from '@breakwater/tracking'
import { mlflowFiles } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { DIALOGUE_RUN, recordDialogue } from './fixtures/dialogue.ts'
import type { Exchange } from './fixtures/dialogue.ts'
import { serverOptionsFor, tree } from './sinks.ts'
import { temporaryFolder } from './temporary.ts'

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'))
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

/** The run that fixtures/make_mlflow.py records. */
async function record(tracker: Tracker, id: string): Promise<void> {
  const run = await tracker.start({
    id,
    name: 'boosted_trees-v2-stage_b-full-2025-01-02_2025-01-10',
    job: 'boosted_trees',
    tags: { stage: 'stage_b' },
  })
  await run.params({ rounds: 300, note: 'two\nlines' })
  await run.metrics({ 'direction/validation/auc': 0.61 }, 0)
  await run.metrics({ 'direction/validation/auc': 1e-30 }, 2)
  await run.metrics({ loss: -3 }, 2)
  await run.artifact({ name: 'features', type: 'features', files: [{ path: 'features.txt', text: 'a\nb\n' }] })
  await run.dataset({
    name: 'signals',
    digest: 'd'.repeat(64),
    context: 'training',
    source: 'signals.parquet',
    rows: 9,
  })
  await run.end('failed')
}

const experimentOf = (job: string): string => `spymaster_${job}`

/** What only newer versions write, with a default; what older ones read; and times of the making. */
const LEFT_OUT = new Set([
  'effective_trace_archival_retention',
  'trace_location',
  'workspace',
  'deleted_time',
  'run_uuid',
  'creation_time',
  'last_update_time',
])

const parsed = (path: string, text: string): unknown => {
  if (path.endsWith('meta.yaml')) {
    const meta = parse(text) as Readonly<Record<string, unknown>>
    return Object.fromEntries(Object.entries(meta).filter(([key]) => !LEFT_OUT.has(key)))
  }
  // 3.0 and 3 are one number to every reader.
  return path.includes('/metrics/') ? text.split(/\s/).map((word) => (word === '' ? '' : Number(word))) : text
}

test('the mlruns folder is the one that MLflow’s own FileStore writes for the same run', async () => {
  const folder = join(temporaryFolder(), 'mlruns')
  const id = 'ab'.repeat(16)
  // The first readings make the experiment and the start; the fixture's times count from there.
  let now = 1_749_999_999_999
  const context = { clock: () => now++, warn: () => undefined }
  await record(mlflowFiles({ folder, experimentOf, user: 'tester', context }), id)
  const files = tree(folder)
  const experiment = Object.keys(files)[0]?.split('/')[0] ?? ''
  const theirs = Object.entries(read('mlflow-files.json') as Record<string, string>)
    .filter(([path]) => !path.startsWith('0/'))
    .map(([path, text]): [string, string] => [
      // The name of an input's folder has the run's id in it.
      path.replace(/inputs\/\w+\//, `inputs/${md5(`${md5(`signals${'d'.repeat(36)}`)}${id}`)}/`),
      text,
    ])
    .map(([path, text]) => {
      const named = (value: string): string =>
        value
          .replaceAll('file://ROOT', pathToFileURL(folder).href)
          .replaceAll('EXPERIMENT', experiment)
          .replaceAll('RUN', path.includes('inputs') ? 'RUN' : id)
      return [named(path.replace('/RUN/', `/${id}/`)), parsed(path, named(text))] as const
    })
  const ours = Object.entries(files).map(([path, text]) => [path, parsed(path, text)] as const)
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs))
})

test('a real MLflow server’s recorded answers complete the same dialogue, request for request', async () => {
  const recorded = read('mlflow-server.json') as Exchange[]
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const next = recorded[asked.length]
      asked.push({ method: request.method, url: request.url, body: Buffer.concat(pieces).toString() })
      response.writeHead(next?.status ?? 500, { 'content-type': 'application/json' }).end(next?.answer ?? '')
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const warnings: string[] = []
  try {
    const { port } = server.address() as AddressInfo
    const options = serverOptionsFor({ uri: `http://127.0.0.1:${port}` }, warnings)
    await recordDialogue(options)
  } finally {
    server.closeAllConnections()
    server.close()
  }
  expect(warnings).toEqual([])
  expect(asked).toEqual(recorded.map(({ method, url, body }) => ({ method, url, body })))
  expect(recorded.some(({ body }) => body.includes(DIALOGUE_RUN.id))).toBe(true)
})
