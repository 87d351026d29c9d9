import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { numbersOf, timesOf } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
import { findNatsServer, type NatsServer, startNatsServer } from '@breakwater/nats'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBreakwater, runBreakwater } from './run-breakwater.ts'
import { ROOT, temporaryFolder, trainerJson } from './run-trainer.ts'

const { path: cwd, remove } = temporaryFolder()
afterAll(remove)

/** What the recipes leave to the config file: small data, few heads, and free ports. */
const CONFIG = `demo:
  sessions: 12
train:
  anchors: [4min]
  horizons: [60, 300]
  rounds: 40
serve:
  http-port: 0
replay:
  http-port: 0
`

/** Commands that run until they are interrupted: what they say when they are ready, with the address of their page, and their exit code. */
const SERVERS: Readonly<
  Record<string, { readonly ready: RegExp; readonly signal: NodeJS.Signals; readonly code: number }>
> = {
  serve: { ready: /"url":"(?<url>[^"]+)".*"serving HTTP"/, signal: 'SIGTERM', code: 0 },
  replay: { ready: /^live page: (?<url>\S+)/, signal: 'SIGINT', code: 130 },
}

const nats = findNatsServer()
/** Whether `serve` is left out here; in CI it must not be. */
const withoutBus = nats.path === undefined && nats.maySkip

/** Bars as a vendor writes them: times in New York without their zone. */
async function writeCsv(file: string): Promise<void> {
  await writeSimulation(cwd, simulate({ sessions: 10, seed: 21 }))
  const { table } = await readTable(join(cwd, 'bars.parquet'))
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'America/New_York',
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  const columns = ['open', 'high', 'low', 'close', 'volume'].map((name) => numbersOf(table, name))
  const lines = Array.from(timesOf(table, 'ts_ns'), (ts, row) =>
    [clock.format(Number(ts / 1_000_000n)), ...columns.map((values) => values[row])].join(','),
  )
  writeFileSync(file, `${['time,open,high,low,close,volume', ...lines].join('\n')}\n`)
}

/** A command as a recipe has it: variables, and what follows `breakwater`. */
interface Recipe {
  readonly env: Readonly<Record<string, string>>
  readonly args: readonly string[]
}

function recipesOf(text: string): Recipe[] {
  const lines = text.matchAll(/^(?<variables>(?:\w+=\S+ )*)npx breakwater (?<args>.*)$/gm)
  return [...lines].map(({ groups: { variables = '', args = '' } = {} }) => ({
    env: Object.fromEntries([...variables.matchAll(/(\w+)=(\S+) /g)].map(([, name = '', value = '']) => [name, value])),
    args: args.split(' '),
  }))
}

/** Starts a command that shows a page, looks at the page once it is served, and interrupts the command. */
async function lookAndInterrupt({ args, env }: Recipe): Promise<void> {
  const { ready, signal, code } = SERVERS[args[0] ?? ''] ?? { ready: /^/, signal: 'SIGTERM', code: 0 }
  const running = launchBreakwater(args, cwd, env)
  const { url = '' } = ready.exec(await running.said(ready))?.groups ?? {}
  const page = await fetch(url)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Price ladder')])
  running.signal(signal)
  const { code: ended, err } = await running.ended
  expect(err).not.toContain('scoring is off')
  expect({ args, ended, err: ended === code ? '' : err }).toEqual({ args, ended: code, err: '' })
}

describe('the recipes', () => {
  let bus: NatsServer | undefined
  beforeAll(async () => {
    if (nats.path !== undefined) bus = await startNatsServer({ path: nats.path })
  })
  afterAll(async () => bus?.stop())

  test('run as pasted, one after another, in an empty folder with bars', async () => {
    await writeCsv(join(cwd, 'SPY_1min.csv'))
    writeFileSync(join(cwd, 'breakwater.yaml'), CONFIG)
    const text = readFileSync(join(ROOT, 'tools', 'site', 'guide', 'recipes.md'), 'utf8')
    const recipes = recipesOf(text)
    const asked = new Set(recipes.map(({ args: [command] }) => command))
    for (const command of ['demo', 'train', 'ui', 'serve', 'replay', 'export']) expect(asked).toContain(command)
    for (const { args: pasted, env } of recipes) {
      const [command = ''] = pasted
      if (command === 'serve' && withoutBus) continue
      if (command in SERVERS) {
        await lookAndInterrupt({ args: pasted, env: { ...env, NATS_URL: bus?.url ?? '' } })
        continue
      }
      let args = pasted
      if (pasted.join(' ').startsWith('runs diff')) {
        // A second training to compare with; its id and that of the first stand for those of the recipe.
        await trainerJson(['train', '--stage', 'stage_b', '--folds', '3', '--rounds', '5'], { cwd })
        const { runs } = await trainerJson<{ runs: readonly { id: string }[] }>(['runs'], { cwd })
        args = ['runs', 'diff', ...runs.map(({ id }) => id.slice(0, 8))]
      }
      const { code, out, err } = await runBreakwater(args, cwd, env)
      expect({ args, code, err: code === 0 ? '' : err }).toEqual({ args, code: 0, err: '' })
      expect({ args, next: /^Next: \S/m.test(out) ? '' : out }).toEqual({ args, next: '' })
    }
    for (const made of [
      'demo/reports/evaluation.html',
      'reports/evaluation.html',
      'reports/ui/index.html',
      'export/check.py',
    ])
      expect(existsSync(join(cwd, 'data', 'ml', made))).toBe(true)
  })
})
