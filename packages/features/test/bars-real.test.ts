import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inspectBars } from '@breakwater/features/parquet'
import { expect, test } from 'vitest'

const DATA = join(import.meta.dirname, '../../../../shared/data')

test.skipIf(!existsSync(DATA)).each([
  ['spy_1m_ext_2024/SPY_1min.csv', 49_720],
  ['spy_1m_rth_2024_2025/SPY_1m.parquet', 102_236],
])('no rule is broken by the real bars of %s (skipped where they are absent)', async (name, rows) => {
  const { bars, findings } = await inspectBars(join(DATA, name))
  expect([bars.rows, findings]).toEqual([rows, []])
})
