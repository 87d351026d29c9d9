import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import type { Tracker } from '@breakwater/tracking'
import { mlflowFiles, wandbOffline } from '@breakwater/tracking/node'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, describe, expect, test } from 'vitest'
import { resultWriters } from './result-writers.ts'
import { MAIN, temporaryFolder, trainer } from './run-trainer.ts'

/** A small file system in memory. */
interface SmallDisk {
  readonly folder: string
  /** Removes all files and fills it until `bytes` (rounded up to a page) are free. */
  readonly leave: (bytes: number) => void
  readonly remove: () => void
}

const PAGE = 4096

const succeeds = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** Mounts a file system of so many KiB; null where this user may not. */
function smallDisk(kib: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-disk-'))
  if (!succeeds('mount', '-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder)) {
    rmSync(folder, { recursive: true })
    return null
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    leave: (bytes) => {
      rmSync(ballast, { force: true })
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - Math.ceil(bytes / PAGE) * PAGE)))
    },
    remove: () => {
      succeeds('umount', folder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const SIZES = 100
const OLD = 'the old content'
const REASON =
  /^formats: .*: (?:needs \d+ bytes, and its disk has \d+ free|could not be (?:written|appended to): the disk is full \(ENOSPC\)); /

const disk = smallDisk(8192)
const results = join(disk?.folder ?? '', 'results')
afterAll(() => disk?.remove())

/** The files below a folder, by path. */
function filesIn(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]))
}

/** What a writer writes where there is room, and how many bytes it is. */
async function reference(
  write: (folder: string) => Promise<unknown>,
): Promise<[files: Map<string, string>, bytes: number]> {
  const { path, remove } = temporaryFolder()
  try {
    await write(path)
    const files = filesIn(path)
    return [files, [...files.values()].reduce((sum, { length }) => sum + length, 0)]
  } finally {
    remove()
  }
}

/** Empties the results, puts old files there, and leaves so much room. */
function prepare(room: number, files: Iterable<string>): void {
  rmSync(results, { recursive: true, force: true })
  disk?.leave(Infinity)
  mkdirSync(results)
  for (const file of files) {
    mkdirSync(dirname(join(results, file)), { recursive: true })
    writeFileSync(join(results, file), OLD)
  }
  disk?.leave(room)
}

/** The message of what a write threw; '' where it came through. */
const messageOf = (write: Promise<unknown>): Promise<string> =>
  write.then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )

describe.skipIf(disk === null)('results on a full disk', async () => {
  const writers = disk === null ? [] : await resultWriters()

  test.each(writers)('%s: every file is the old one or the new one, and a refusal says why', async (_, write) => {
    const [files, bytes] = await reference(write)
    const outcomes = { whole: 0, refused: 0 }
    for (let i = 0; i < SIZES; i++) {
      prepare((1.3 * bytes * i) / SIZES + 8192, files.keys())
      const message = await messageOf(write(results))
      outcomes[message === '' ? 'whole' : 'refused'] += 1
      const seen = filesIn(results)
      expect([...seen.keys()]).toEqual([...files.keys()])
      const broken = [...seen].filter(([file, text]) => text !== files.get(file) && (message === '' || text !== OLD))
      expect(broken.map(([file]) => file)).toEqual([])
      expect(message).toMatch(message === '' ? '' : REASON)
    }
    expect(outcomes.whole).toBeGreaterThan(0)
    expect(outcomes.refused).toBeGreaterThan(SIZES / 3)
  })
})

const context = { clock: () => 1_700_000_000_000, warn: () => undefined }
const trackers: readonly (readonly [name: string, tracker: (folder: string) => Tracker])[] = [
  ['MLflow', (folder) => mlflowFiles({ folder, experimentOf: (job) => job, user: 'anyone', context })],
  ['W&B', (folder) => wandbOffline({ folder, project: 'breakwater', context })],
]

async function record(tracker: Tracker): Promise<void> {
  const run = await tracker.start({
    id: 'a1'.repeat(16),
    name: 'run',
    job: 'boosted_trees',
    tags: { stage: 'stage_b' },
  })
  try {
    await run.params({ rounds: 300 })
    for (let step = 0; step < 60; step++) await run.metrics({ loss: 1 / (step + 1) }, step)
    await run.artifact({ name: 'set', type: 'model', files: [{ path: 'text.txt', text: 'weights '.repeat(8000) }] })
    await run.end('finished')
  } catch (error) {
    // As the trainer does; where the disk is full that fails too.
    await run.end('failed').catch(() => undefined)
    throw error
  }
}

describe.skipIf(disk === null).each(trackers)('a run recorded in files of %s on a full disk', (_, trackerIn) => {
  test('is cut off between two values, never within one', async () => {
    const [files, bytes] = await reference((folder) => record(trackerIn(folder)))
    const outcomes = { whole: 0, refused: 0 }
    for (let i = 0; i < SIZES; i++) {
      prepare((1.6 * bytes * i) / SIZES, [])
      const message = await messageOf(record(trackerIn(results)))
      outcomes[message === '' ? 'whole' : 'refused'] += 1
      const seen = filesIn(results)
      const torn = [...seen].filter(([file, text]) => file.includes('metrics/') && text !== '' && !text.endsWith('\n'))
      expect([...seen.keys()].filter((file) => file.endsWith('.tmp'))).toEqual([])
      expect(torn).toEqual([])
      const artifact = [...seen].filter(([file]) => file.endsWith('text.txt')).map(([, text]) => text.length)
      expect(artifact).toEqual(artifact.length === 0 ? [] : [64_000])
      expect(message === '' ? [...seen.keys()] : [...files.keys()]).toEqual([...files.keys()])
    }
    expect(outcomes.refused).toBeGreaterThan(10)
  })
})

describe.skipIf(disk === null)('the command line on a full disk', () => {
  test('ends with 1 and one sentence, and keeps the old signals', async () => {
    const { path, remove } = temporaryFolder()
    try {
      const { bars } = await writeSimulation(path, simulate({ sessions: 4, seed: 3 }))
      prepare(20_000, ['signals.parquet'])
      const output = join(results, 'signals.parquet')
      const { code, err } = await trainer(['signals', '--bars', bars, '--output', output, '--quiet'])
      expect(code).toBe(1)
      const [sentence] = err.split('\n')
      expect(sentence).toBe(
        `formats: ${output}: could not be written: the disk is full (ENOSPC); the old file is unchanged. Free space there, or write to another disk.`,
      )
      expect(err).not.toMatch(/^\s+at /m)
      expect(filesIn(results)).toEqual(new Map([['signals.parquet', OLD]]))
    } finally {
      remove()
    }
  })
})

test.skipIf(!existsSync('/dev/full'))(
  'a result that a full device cannot take ends the command with 1 and one sentence',
  () => {
    const full = openSync('/dev/full', 'w')
    try {
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--conditions=@breakwater/source', MAIN, 'sweep', '--print-schema'],
        { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' },
      )
      expect(status).toBe(1)
      expect(stderr).toBe(
        'formats: standard output: could not be written: the disk is full (ENOSPC); what was printed is cut short. Free space there, or write to another disk.\n' +
          '  because: ENOSPC: no space left on device, write\n',
      )
    } finally {
      closeSync(full)
    }
  },
)
