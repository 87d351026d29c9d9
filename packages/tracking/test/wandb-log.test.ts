import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wandbOffline } from '@breakwater/tracking/node'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { tickingClock } from './sinks.ts'
import { temporaryFolder } from './temporary.ts'
import { itemsOf, messagesOf, recordsOf, textOf } from './wandb-reader.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const BLOCK = 32_768

const ID = 'e5'.repeat(16)
const context = { clock: tickingClock(), warn: () => undefined }

/** Writes a run whose settings have texts of these lengths; resolves to its file. */
async function written(lengths: readonly number[]): Promise<string> {
  const folder = temporaryFolder()
  const run = await wandbOffline({ folder, project: 'p', context }).start({
    id: ID,
    name: 'n',
    job: 'retrieval',
    tags: {},
  })
  for (const [at, length] of lengths.entries()) await run.params({ [`k${at}`]: 'x'.repeat(length) })
  await run.end('finished')
  const [name = ''] = readdirSync(join(folder, 'wandb'))
  return join(folder, 'wandb', name, `run-${ID}.wandb`)
}

const lengthsIn = (path: string): number[] =>
  recordsOf(path)
    .filter(({ kind }) => kind === 5)
    .map(({ message }) => String(Object.values(itemsOf(message, 1))[0]).length)

test('the reader of these tests reads what W&B’s own SDK wrote as W&B’s own reader does', () => {
  const said = readFileSync(fixture('wandb-sdk.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; history?: { item: unknown }; artifact?: { digest: string } })
  const records = recordsOf(fixture('wandb-sdk.wandb'))
  const history = records.filter(({ kind }) => kind === 2).map(({ message }) => itemsOf(message, 1))
  expect(history).toEqual(said.flatMap((record) => (record.history === undefined ? [] : [record.history.item])))
  const artifact = records.find(({ kind }) => kind === 8)
  expect(artifact).toBeDefined()
  if (artifact === undefined) return
  expect(textOf(artifact.message, 6)).toBe(said.find(({ type }) => type === 'artifact')?.artifact?.digest)
})

/** What the artifact records of a file say. */
const facts = (path: string): unknown =>
  recordsOf(path)
    .filter(({ kind }) => kind === 8)
    .map(({ message }) => ({
      type: textOf(message, 4),
      digest: textOf(message, 6),
      metadata: textOf(message, 8),
      alias: textOf(message, 11),
      finalize: message.get(14),
      manifest: messagesOf(message, 12).map((manifest) => ({
        version: manifest.get(1),
        policy: textOf(manifest, 2),
        settings: messagesOf(manifest, 3).map((item) => [textOf(item, 1), textOf(item, 2)]),
        entries: messagesOf(manifest, 4).map((entry) => [textOf(entry, 1), textOf(entry, 2), entry.get(4)]),
      })),
    }))

test('an artifact has the hashes, the manifest and the storage policy that W&B’s own SDK gives the same files', async () => {
  const folder = temporaryFolder()
  const run = await wandbOffline({ folder, project: 'spymaster', context }).start({
    id: ID,
    name: 'n',
    job: 'boosted_trees',
    tags: {},
  })
  const files = [
    { path: 'b.txt', text: 'x'.repeat(40_000) },
    { path: 'a.txt', text: 'hello\n' },
  ]
  await run.artifact({ name: 'mod', type: 'model', files, metadata: { k: 1 } })
  await run.end('finished')
  const [name = ''] = readdirSync(join(folder, 'wandb'))
  const ours = facts(join(folder, 'wandb', name, `run-${ID}.wandb`))
  const theirs = facts(fixture('wandb-sdk.wandb'))
  expect(ours).toEqual(theirs)
})

test('records of any length come back whole, wherever blocks end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.nat(40), fc.nat(6000)), { minLength: 1, maxLength: 40 }), async (lengths) => {
      expect(lengthsIn(await written(lengths))).toEqual(lengths)
    }),
    { numRuns: 25 },
  )
})

test('a record may end at, or a few bytes before, the end of a block', async () => {
  // Where the block ends after the first filling record, with none to 12 bytes left.
  const filled = await written([6000, 6000, 6000, 6000, 6000, 1000])
  const start = readFileSync(filled).length
  expect(start).toBeLessThan(BLOCK)
  const tails = Array.from({ length: 16 }, (_, back) => BLOCK - start - back)
  for (const tail of tails) {
    const lengths = [6000, 6000, 6000, 6000, 6000, 1000 + tail, 5, 6000]
    const path = await written(lengths)
    expect(lengthsIn(path)).toEqual(lengths)
  }
})
