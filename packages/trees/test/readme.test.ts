import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const data = fileURLToPath(new URL('../../../../shared/data/gbdt_lightgbm_examples', import.meta.url))
const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '')

/** Runs a block as a file inside the package, so that it finds itself by name. */
function run(code: string, name: string): string {
  const file = join(packageRoot, 'out-tsc', `${name}.ts`)
  mkdirSync(join(packageRoot, 'out-tsc'), { recursive: true })
  writeFileSync(file, code)
  try {
    const child = spawnSync(process.execPath, ['--conditions=@breakwater/source', file], {
      encoding: 'utf8',
      env: { ...process.env, DATA: data, FORCE_COLOR: '0' },
    })
    expect(child.stderr).toBe('')
    return child.stdout
  } finally {
    rmSync(file)
  }
}

const isWorked = (code: string): boolean => code.includes('DATA')

test.each(blocks.filter((code) => !isWorked(code)))('an example of the README runs: %#', (code) => {
  expect(run(code, `readme-${blocks.indexOf(code)}`)).toBe('')
})

test.skipIf(!existsSync(data))('the worked example prints what the README says (needs the shared data)', () => {
  const [, output = ''] = /It prints:\n\n```\n([\s\S]*?)```/.exec(readme) ?? []
  expect(run(blocks.find(isWorked) ?? '', 'readme-worked')).toBe(output)
})
