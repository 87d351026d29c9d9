import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspectBars } from '@breakwater/features/parquet'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { expect, test } from 'vitest'

test.each([
  { seed: 1, sessions: 40, startDate: '2024-10-28' },
  { seed: 2, sessions: 12, preMarket: false },
  { seed: 3, sessions: 1 },
  { seed: 4, sessions: 1, preMarket: false },
])('simulated bars break no rule: %o', async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'simulated-'))
  try {
    const { bars } = await writeSimulation(folder, simulate(options))
    expect((await inspectBars(bars)).findings).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
