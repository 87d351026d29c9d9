import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboardJson, findPromtool } from '@breakwater/prometheus'
import { WATCH_COUNTERS, WATCH_GAUGES } from '@breakwater/monitor/node'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../../..')
const FOLDER = join(ROOT, 'packages/monitor/operations')
const RULES = join(FOLDER, 'breakwater.rules.yml')
const promtool = findPromtool()

/** Names of our metrics in a text, those of a histogram's parts without their ending. */
const metricsIn = (text: string): string[] => {
  const names = [...text.matchAll(/\bbreakwater_[a-z_]+/g)].map(([name]) => name.replace(/_(?:bucket|count)$/, ''))
  return [...new Set(names)].toSorted()
}

const operations = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')

const run = (...args: readonly string[]) =>
  spawnSync(promtool.path ?? 'promtool', args, { cwd: FOLDER, encoding: 'utf8' })

describe.skipIf(promtool.path === undefined && promtool.maySkip)('the alert rules', () => {
  test('are rules to the real promtool, and fire and stay silent as its tests say', () => {
    const checked = run('check', 'rules', RULES)
    expect(checked.stderr).toBe('')
    expect(checked.stdout).toContain('SUCCESS: 9 rules found')
    const tested = run('test', 'rules', 'breakwater.rules.test.yml')
    expect(`${tested.stdout}${tested.stderr}`).toContain('SUCCESS')
    expect(tested.status).toBe(0)
  })
})

test('every alert says what has happened and what to do', () => {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as {
    readonly groups: readonly {
      readonly rules: readonly { readonly annotations: Readonly<Record<string, string>> }[]
    }[]
  }
  for (const { annotations } of groups.flatMap(({ rules }) => rules)) {
    expect(Object.keys(annotations)).toEqual(['summary', 'action'])
  }
})

test('metrics have one name: rules, dashboard and program use those of docs/operations.md', () => {
  const documented = metricsIn(operations)
  const used = [
    ...metricsIn(readFileSync(RULES, 'utf8')),
    ...metricsIn(dashboardJson()),
    ...[...WATCH_COUNTERS, ...WATCH_GAUGES].map(({ name }) => name),
  ]
  expect(used.filter((name) => !documented.includes(name))).toEqual([])
})
