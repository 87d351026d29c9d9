import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluation } from './report-parts.ts'

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
let folder = ''

beforeAll(() => {
  mkdirSync(join(packageRoot, 'out-tsc'), { recursive: true })
  folder = mkdtempSync(join(packageRoot, 'out-tsc', 'readme-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a program inside the package, so that it finds itself by name, and returns what it prints. */
function run(code: string): string {
  const file = join(folder, 'program.ts')
  writeFileSync(file, code)
  const child = spawnSync(process.execPath, ['--conditions=@breakwater/source', file], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, FORCE_COLOR: '0' },
  })
  expect(child.stderr).toBe('')
  return child.stdout
}

test('the example of the README writes the page and prints the table', () => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(packageRoot, 'README.md'), 'utf8')) ?? []
  writeFileSync(join(folder, 'evaluation.json'), JSON.stringify(evaluation))
  expect(run(code)).toMatch(
    /^Skill beyond the law: [\s\S]*\n\nstage_a full \(out of fold\)\nserved: [\s\S]*\nat 4min +beyond law/,
  )
  expect(readFileSync(join(folder, 'evaluation.html'), 'utf8')).toContain('<h2 id="set-1">')
})

test('the charting library is loaded by the first page and not before', () => {
  writeFileSync(join(folder, 'evaluation.json'), JSON.stringify({ ...evaluation, sets: evaluation.sets.slice(0, 1) }))
  const printed = run(`
    import { readFileSync } from 'node:fs'
    import { registerHooks } from 'node:module'
    const loaded: string[] = []
    registerHooks({
      load: (url, context, next) => {
        if (url.includes('/echarts/')) loaded.push(url)
        return next(url, context)
      },
    })
    const { evaluationTable, renderReport } = await import('@breakwater/report')
    const evaluation = JSON.parse(readFileSync('evaluation.json', 'utf8'))
    evaluationTable(evaluation)
    console.log(loaded.length === 0)
    await renderReport(evaluation)
    console.log(loaded.length > 0)
  `)
  expect(printed).toBe('true\ntrue\n')
})
