import { type WorkbenchData, workbenchFiles } from '@breakwater/pages/workbench'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { fanBands } from '#src/browser/charts/fan'
import { fanText, levelAnd } from '#src/browser/charts/said'

const index: WorkbenchData['index'] = {
  version: 1,
  symbol: 'SPY',
  thresholds: [1, 2],
  anchors: ['4min'],
  horizons: [60],
  sets: [],
  sessions: [],
}

test('data files are scripts that hand their content to the page; the index comes after the sessions', async () => {
  const session = { date: '2024-02-20', note: '</script>\u2028"' } as never
  const data: WorkbenchData = {
    index,
    curves: () => ({ sets: {}, acting: {} }),
    equity: () => ({ sets: {} }),
    drift: () => ({ sets: {} }),
    runs: () => ({ comparison: null }),
    *sessions() {
      yield session
    },
    *reasons() {
      yield { date: '2024-02-20', sets: {} }
    },
  }
  const files = []
  for await (const file of workbenchFiles(data)) files.push(file)
  expect(files.map(({ path }) => path)).toEqual([
    'data/2024-02-20.js',
    'data/2024-02-20-why.js',
    'data/curves.js',
    'data/equity.js',
    'data/drift.js',
    'data/runs.js',
    'data/index.js',
    'index.html',
    'page.css',
    'workbench.js',
  ])
  const taken = new Map<string, unknown>()
  const breakwater = { take: (name: string, value: unknown) => taken.set(name, value) }
  for (const { content } of files.slice(0, 7)) runInNewContext(String(content), { breakwater })
  const [curves, equity, drift] = [{ sets: {}, acting: {} }, { sets: {} }, { sets: {} }]
  const runs = { comparison: null }
  expect(Object.fromEntries(taken)).toEqual({
    '2024-02-20': session,
    '2024-02-20-why': { date: '2024-02-20', sets: {} },
    curves,
    equity,
    drift,
    runs,
    index,
  })
})

test('a fan is said with the prices where its bands end, and the level has a line for each threshold', () => {
  const input = { displacement: 0, thresholds: [1, 2], horizons: [60], beyond: [[0.5], [0.1]], back: [[0.25], [0.1]] }
  expect(fanText(fanBands(input), 500, -1)).toBe(
    'Prices reached within 60 s with a probability of 10%: 498.00 and 502.00; 25%: 498.57 and 501.00; 50%: 499.00 and 500.50. Between the thresholds the published probabilities are interpolated.',
  )
  expect(fanText([], 500, 1)).toBe('No reach probabilities for this target.')
  expect(levelAnd(500, 'VWAP', [1, 2]).map(({ price }) => price)).toEqual([500, 501, 499, 502, 498])
})
