import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboardJson } from '@breakwater/prometheus'
import { describe, expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../../packages/monitor/operations')

describe('the dashboard', () => {
  const text = dashboardJson()
  test('is the file that is shipped', () => {
    expect(JSON.parse(readFileSync(join(FOLDER, 'dashboard.json'), 'utf8'))).toEqual(JSON.parse(text))
  })

  test('has panels that ask Prometheus, side by side without overlap', () => {
    const { panels, schemaVersion } = JSON.parse(text) as {
      readonly schemaVersion: number
      readonly panels: readonly {
        readonly type: string
        readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
        readonly targets?: readonly { readonly expr: string }[]
      }[]
    }
    expect(schemaVersion).toBeGreaterThan(30)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
    expect(panels.filter(({ type }) => type !== 'row').every(({ targets }) => targets?.length === 1)).toBe(true)
  })
})
