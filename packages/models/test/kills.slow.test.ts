import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listedFile, withFolderLock } from '@breakwater/formats/node'
import { loadSet, writeSet } from '@breakwater/models/node'
import { afterAll, expect, test } from 'vitest'
import { ORIGIN, sampleSet, sampleSignals } from './sample.ts'
import { uniforms } from './seeded.ts'

/** How much is tried: enough to see both outcomes, or with BREAKWATER_ATTACK=1, as `npm run attack` sets it, all of it. */
const COUNTS =
  process.env['BREAKWATER_ATTACK'] === '1' ? { pairs: 160, sets: 40, twos: 100 } : { pairs: 24, sets: 6, twos: 10 }

const root = mkdtempSync(join(tmpdir(), 'breakwater-kills-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Kills the process by SIGKILL before its n-th call of the file system; 0 lets it live, and prints the number of calls. */
const KILLED = `
  import { nodeFileSystem, publishVersion, replaceFile, withFolderLock } from '@breakwater/formats/node'
  import { join } from 'node:path'
  const [folder, text, last] = process.argv.slice(1)
  let calls = 0
  const watched = (target) => {
    for (const [name, method] of Object.entries(target)) {
      target[name] = async (...given) => {
        if (++calls === Number(last)) process.kill(process.pid, 'SIGKILL')
        const result = await method(...given)
        return name === 'open' ? watched({ ...result }) : result
      }
    }
    return target
  }
`
/** Publishes two files that hold the text. */
const PUBLISH = `${KILLED}
  watched(nodeFileSystem)
  const files = ['a.bin', 'b.bin']
  await withFolderLock(folder, { command: 'test' }, () =>
    publishVersion(folder, {
      pointer: 'set.json',
      keep: 2,
      write: async (staging) => {
        for (const name of files) await replaceFile(join(staging, name), text)
        return { id: text, files, pointer: JSON.stringify(files.map((name) => 'versions/' + text + '/' + name)) }
      },
    }),
  )
  process.stdout.write(String(calls))
`
/** Writes a trained set again, as of another time. */
const TRAINED = `${KILLED}
  import { loadSet, writeSet } from '@breakwater/models/node'
  const set = await loadSet(folder, { stage: 'stage_b', ablation: 'full' })
  watched(nodeFileSystem)
  await withFolderLock(folder, { command: 'test' }, () => writeSet(folder, set, { timestamp: text, keepVersions: 2 }))
  process.stdout.write(String(calls))
`

interface Outcome {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

async function run(source: string, args: readonly string[]): Promise<Outcome> {
  const flags = ['--conditions=@breakwater/source', '--input-type=module', '-e', source, ...args]
  const child = spawn(process.execPath, flags, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, out, err }
}

/** The text that both files of a published pair hold; throws where they differ. */
function pairIn(folder: string): string {
  const files = JSON.parse(readFileSync(join(folder, 'set.json'), 'utf8')) as string[]
  const [first = '', ...others] = files.map((file) => readFileSync(listedFile(folder, file), 'utf8'))
  if (others.some((other) => other !== first)) throw new Error(`a mixture: ${first} and ${others.join(' ')}`)
  return first
}

const timeOf = (day: number): string => new Date(Date.UTC(2025, 0, day)).toISOString()

const newFolder = (name: string): string => {
  const folder = join(root, name)
  mkdirSync(folder)
  return folder
}

test(`of ${COUNTS.pairs} processes that are killed while they publish, each leaves the old pair or the new one`, async () => {
  const folder = newFolder('pairs')
  const next = uniforms(17)
  await run(PUBLISH, [folder, 'v0', '0'])
  // Counted after a kill, which leaves a lock to take over and files to remove.
  await run(PUBLISH, [folder, 'v0', '30'])
  const { out } = await run(PUBLISH, [folder, 'v1', '0'])
  const calls = Number(out)
  expect(calls).toBeGreaterThan(50)
  const seen = { old: 0, new: 0 }
  for (let i = 2; i < 2 + COUNTS.pairs; i++) {
    const before = pairIn(folder)
    const { code, signal, err } = await run(PUBLISH, [folder, `v${i}`, String(1 + Math.floor(next() * calls))])
    expect(err).toBe('')
    // One that had fewer calls to make than the counted one may come through.
    expect(['SIGKILL', 0]).toContain(signal ?? code)
    const after = pairIn(folder)
    expect([before, `v${i}`]).toContain(after)
    seen[after === before ? 'old' : 'new'] += 1
  }
  // Both sides of the pointer were met; most calls lie before it.
  expect(seen.old).toBeGreaterThan(COUNTS.pairs / 4)
  expect(seen.new).toBeGreaterThan(COUNTS.pairs / 32)
  // The next one that lives takes over and cleans up.
  expect(await run(PUBLISH, [folder, 'last', '0'])).toMatchObject({ code: 0, err: '' })
  expect(pairIn(folder)).toBe('last')
  expect(readdirSync(folder).toSorted()).toEqual(['a.bin', 'b.bin', 'set.json', 'versions'])
  expect(readdirSync(join(folder, 'versions'))).toHaveLength(2)
}, 600_000)

test(`of two processes that publish at once, ${COUNTS.twos} times, at least one comes through and the other is told`, async () => {
  const folder = newFolder('two')
  const counts = { through: 0, told: 0 }
  for (let i = 0; i < COUNTS.twos; i++) {
    const names = [`a${i}`, `b${i}`]
    const outcomes = await Promise.all(names.map((name) => run(PUBLISH, [folder, name, '0'])))
    const through = names.filter((_, which) => outcomes[which]?.code === 0)
    const told = outcomes.filter(({ code, err }) => code === 1 && err.includes('is being written by `test` (process '))
    expect(through.length + told.length).toBe(2)
    expect(through).toContain(pairIn(folder))
    counts.through += through.length
    counts.told += told.length
  }
  expect(counts.through).toBeGreaterThanOrEqual(COUNTS.twos)
}, 600_000)

test(`of ${COUNTS.sets} processes that are killed while they write a trained set, each leaves one that loads`, async () => {
  const folder = newFolder('sets')
  const name = { stage: 'stage_b', ablation: 'full' }
  const { set } = await sampleSet(sampleSignals())
  await withFolderLock(folder, { command: 'test' }, () => writeSet(folder, set, ORIGIN))
  const { out, err } = await run(TRAINED, [folder, timeOf(1), '0'])
  expect(err).toBe('')
  const next = uniforms(18)
  let before = timeOf(1)
  for (let day = 2; day < 2 + COUNTS.sets; day++) {
    const outcome = await run(TRAINED, [folder, timeOf(day), String(1 + Math.floor(next() * Number(out)))])
    expect(outcome.err).toBe('')
    expect(['SIGKILL', 0]).toContain(outcome.signal ?? outcome.code)
    const { metadata, predictions, bundles } = await loadSet(folder, name)
    expect([before, timeOf(day)]).toContain(metadata.timestamp)
    expect(predictions).toEqual(set.predictions)
    expect([...bundles.keys()]).toEqual([...set.bundles.keys()])
    before = metadata.timestamp
  }
}, 600_000)
