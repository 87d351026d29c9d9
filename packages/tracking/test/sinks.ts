import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fanOut, memoryTracker, noTracker } from '@breakwater/tracking'
import type { RunStatus, Tracker } from '@breakwater/tracking'
import { mlflowFiles, mlflowServer, wandbOffline } from '@breakwater/tracking/node'
import type { MlflowServerOptions } from '@breakwater/tracking/node'
import { startDouble } from './mlflow-double.ts'
import type { MlflowDouble } from './mlflow-double.ts'
import { byKey } from './seen.ts'
import type { RecordedRun } from './seen.ts'
import { temporaryFolder } from './temporary.ts'
import { itemsOf, messagesOf, recordsOf, textOf } from './wandb-reader.ts'

/** A sink under test, and how to see what it holds of a run; null where it holds nothing. */
export interface SinkUnderTest {
  readonly tracker: Tracker
  readonly warnings: string[]
  readonly see: (id: string) => Promise<RecordedRun | null>
}

/** A clock that a test moves: each reading is a millisecond later. */
export function tickingClock(start = 1_750_000_000_000): () => number {
  let now = start
  return () => now++
}

const experimentOf = (job: string): string => `spymaster_${job}`

/** Every sink, each made fresh. */
export const SINKS: Readonly<Record<string, () => Promise<SinkUnderTest>>> = {
  none: async () => ({ tracker: noTracker(), warnings: [], see: async () => null }),
  memory: async () => memory(),
  'mlflow-files': async () => folders(),
  'mlflow-server': async () => {
    const double = await startDouble()
    return server(double)
  },
  'wandb-offline': async () => wandb(),
  'fan-out over all': async () => {
    const parts = [memory(), folders(), server(await startDouble()), wandb()]
    const tracker = fanOut(parts.map((part) => part.tracker))
    return {
      tracker,
      warnings: [],
      see: async (id) => {
        const [first, ...others] = await Promise.all(parts.map((part) => part.see(id)))
        for (const other of others) {
          if (JSON.stringify(other) !== JSON.stringify(first)) {
            throw new Error(`the systems differ: ${JSON.stringify(first)} and ${JSON.stringify(other)}`)
          }
        }
        return first ?? null
      },
    }
  },
}

function memory(): SinkUnderTest {
  const tracker = memoryTracker()
  return {
    tracker,
    warnings: [],
    see: async (id) => {
      const run = tracker.runs().find(({ start }) => start.id === id)
      if (run === undefined) throw new Error(`no run ${id}`)
      const read = (file: (typeof run.artifacts)[number]['files'][number]): string =>
        'text' in file
          ? file.text
          : 'bytes' in file
            ? Buffer.from(file.bytes).toString()
            : readFileSync(file.file, 'utf8')
      return {
        name: run.start.name,
        job: run.start.job,
        status: run.status ?? 'running',
        params: sorted(Object.entries(run.params).map(([key, value]) => [key, String(value)])),
        tags: sorted(Object.entries(run.tags)),
        metrics: sorted(Object.entries(byKey(run.metrics))),
        artifacts: sorted(
          run.artifacts.map(({ name, files: list }) => [name, sorted(list.map((file) => [file.path, read(file)]))]),
        ),
        datasets: run.datasets.map(({ name, context }) => `${name} ${context}`),
      }
    },
  }
}

const sorted = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** All files below a folder, by their path with `/`. */
export function tree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return sorted(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')]
    }),
  )
}

const byFolder = (files: Readonly<Record<string, string>>): RecordedRun['artifacts'] => {
  const grouped: Record<string, Record<string, string>> = {}
  for (const [path, text] of Object.entries(files)) {
    const [folder = '', ...rest] = path.split('/')
    ;(grouped[folder] ??= {})[rest.join('/')] = text
  }
  return grouped
}

const ours = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  sorted(Object.entries(tags).filter(([key]) => !key.startsWith('mlflow.')))

const STATUSES: Readonly<Record<string, RecordedRun['status']>> = {
  '1': 'running',
  '3': 'finished',
  '4': 'failed',
  '5': 'killed',
  RUNNING: 'running',
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'killed',
}

function folders(): SinkUnderTest {
  const folder = join(temporaryFolder(), 'mlruns')
  const warnings: string[] = []
  const context = { clock: tickingClock(), warn: (message: string) => void warnings.push(message) }
  const tracker = mlflowFiles({ folder, experimentOf, user: 'tester', context })
  return {
    tracker,
    warnings,
    see: async (id) => {
      const experiment = readdirSync(folder).find((name) => existsSync(join(folder, name, id))) ?? ''
      const run = join(folder, experiment, id)
      const meta = readFileSync(join(run, 'meta.yaml'), 'utf8')
      const field = (name: string, text = meta): string => new RegExp(`^${name}: "?(.*?)"?$`, 'm').exec(text)?.[1] ?? ''
      const points = Object.entries(tree(join(run, 'metrics'))).flatMap(([key, text]) =>
        text
          .trimEnd()
          .split('\n')
          .map((line) => {
            const [, value, step] = line.split(' ')
            return { key, value: Number(value), step: Number(step) }
          }),
      )
      const inputs = Object.values(tree(join(run, 'inputs'))).map((text) => {
        const dataset = readFileSync(
          join(folder, experiment, 'datasets', field('source_id', text), 'meta.yaml'),
          'utf8',
        )
        return `${field('name', dataset)} ${/"mlflow\.data\.context":"(\w+)"/.exec(text)?.[1] ?? ''}`
      })
      return {
        name: field('run_name'),
        job: field('name', readFileSync(join(folder, experiment, 'meta.yaml'), 'utf8')).replace('spymaster_', ''),
        status: STATUSES[field('status')] ?? 'running',
        params: tree(join(run, 'params')),
        tags: ours(tree(join(run, 'tags'))),
        metrics: sorted(Object.entries(byKey(points))),
        artifacts: byFolder(tree(join(run, 'artifacts'))),
        datasets: inputs,
      }
    },
  }
}

/** The options of a server sink for tests: no waits, no chance, a clock that ticks. */
export function serverOptionsFor(double: Pick<MlflowDouble, 'uri'>, warnings: string[]): MlflowServerOptions {
  return {
    server: { uri: double.uri },
    spool: join(temporaryFolder(), 'spool'),
    experimentOf,
    user: 'tester',
    context: { clock: tickingClock(), warn: (message) => void warnings.push(message) },
    network: { fetch, timeout: () => new AbortController().signal, redact: (text) => text },
    waiting: { sleep: async () => undefined, random: () => 0.5 },
    replayCommand: 'breakwater track replay',
  }
}

/** What the double holds of a run. */
export function seeOnServer(double: MlflowDouble, id: string): RecordedRun {
  const run = double.runs.find(({ tags }) => tags.get('run_id') === id)
  if (run === undefined) throw new Error(`no run ${id}`)
  return {
    name: run.name,
    job: run.tags.get('job') ?? '',
    status: STATUSES[run.status] ?? 'running',
    params: sorted([...run.params]),
    tags: ours(Object.fromEntries(run.tags)),
    metrics: sorted(Object.entries(byKey(run.metrics))),
    artifacts: byFolder(sorted([...run.artifacts])),
    datasets: run.datasets.map(({ name, context }) => `${name} ${context}`),
  }
}

function server(double: MlflowDouble): SinkUnderTest {
  const warnings: string[] = []
  const options = serverOptionsFor(double, warnings)
  return { tracker: mlflowServer(options), warnings, see: async (id) => seeOnServer(double, id) }
}

const EXITS: Readonly<Record<number, RunStatus>> = { 0: 'finished', 1: 'failed', 130: 'killed' }

function wandb(): SinkUnderTest {
  const folder = temporaryFolder()
  const warnings: string[] = []
  const context = { clock: tickingClock(), warn: (message: string) => void warnings.push(message) }
  return {
    tracker: wandbOffline({ folder, project: 'spymaster', context }),
    warnings,
    see: async (id) => {
      const runs = readdirSync(join(folder, 'wandb')).filter((name) => name.endsWith(id))
      return seeWandb(runs.toSorted().map((name) => join(folder, 'wandb', name, `run-${id}.wandb`)))
    },
  }
}

/** What the .wandb files of a run hold, read without the code that wrote them. */
function seeWandb(paths: readonly string[]): RecordedRun {
  const records = paths.flatMap((path) => recordsOf(path))
  const of = (kind: number): (typeof records)[number]['message'][] =>
    records.filter((record) => record.kind === kind).map(({ message }) => message)
  const [run] = of(17)
  if (run === undefined) throw new Error('no run record')
  const tags = new Map(Object.entries(itemsOf(messagesOf(run, 4)[0] ?? new Map(), 1)).map(([k, v]) => [k, String(v)]))
  const params = new Map<string, string>()
  const datasets: string[] = []
  for (const update of of(5)) {
    for (const [key, value] of Object.entries(itemsOf(update, 1))) {
      // Tags and settings share the config; a test's tags say so in their names.
      if (key.startsWith('dataset.'))
        datasets.push(`${(value as { name: string }).name} ${key.slice('dataset.'.length)}`)
      else if (key.startsWith('tag_') || tags.has(key)) tags.set(key, String(value))
      else params.set(key, String(value))
    }
  }
  const points = of(2).flatMap((row) => {
    const values = itemsOf(row, 1)
    return Object.entries(values)
      .filter(([key]) => !key.startsWith('_'))
      .map(([key, value]) => ({ key, value: Number(value), step: Number(values['_step']) }))
  })
  const exit = of(18).at(-1)
  const code = exit === undefined ? undefined : Number(exit.get(1)?.[0] ?? 0)
  return {
    name: textOf(run, 8),
    job: textOf(run, 7),
    status: code === undefined ? 'running' : (EXITS[code] ?? 'failed'),
    params: sorted([...params]),
    tags: sorted([...tags]),
    metrics: sorted(Object.entries(byKey(points))),
    artifacts: sorted(
      of(8).map((artifact) => {
        const entries = messagesOf(artifact, 12).flatMap((manifest) => messagesOf(manifest, 4))
        const content = entries.map((entry) => [textOf(entry, 1), readFileSync(textOf(entry, 6), 'utf8')] as const)
        return [textOf(artifact, 5).replace(/^[a-z_]+-/, ''), sorted(content)]
      }),
    ),
    datasets,
  }
}
