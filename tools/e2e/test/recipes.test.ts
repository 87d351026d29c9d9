import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { numbersOf, timesOf } from '@breakwater/features'
import { readTable } from '@breakwater/features/parquet'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, expect, test } from 'vitest'
import { runBreakwater } from './run-breakwater.ts'
import { ROOT, temporaryFolder, trainerJson } from './run-trainer.ts'

const { path: cwd, remove } = temporaryFolder()
afterAll(remove)

/** Commands of the recipes that other tests run, each with why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  demo: 'takes minutes',
  serve: 'waits for a bus',
  replay: 'shows a page until it is interrupted',
}

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

test('the recipes run as pasted, one after another, in an empty folder with bars', async () => {
  await writeCsv(join(cwd, 'SPY_1min.csv'))
  const text = readFileSync(join(ROOT, 'tools', 'site', 'guide', 'recipes.md'), 'utf8')
  const lines = [...text.matchAll(/^npx breakwater (?<args>.*)$/gm)].map(({ groups }) => groups?.['args'] ?? '')
  const run = lines.filter((line) => ELSEWHERE[line.split(' ')[0] ?? ''] === undefined)
  expect(run.length).toBeGreaterThan(8)
  for (const line of run) {
    let args = line.split(' ')
    if (line.startsWith('runs diff')) {
      // A second training to compare with; its id and that of the first stand for those of the recipe.
      await trainerJson(['train', '--stage', 'stage_b', '--folds', '3', '--rounds', '5'], { cwd })
      const { runs } = await trainerJson<{ runs: readonly { id: string }[] }>(['runs'], { cwd })
      args = ['runs', 'diff', ...runs.map(({ id }) => id.slice(0, 8))]
    }
    const { code, err } = await runBreakwater(args, cwd)
    expect({ line, code, err: code === 0 ? '' : err }).toEqual({ line, code: 0, err: '' })
  }
  for (const made of ['reports/evaluation.html', 'reports/ui/index.html', 'export/check.py'])
    expect(existsSync(join(cwd, 'data', 'ml', made))).toBe(true)
})
