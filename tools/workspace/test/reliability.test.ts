import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './this-repository.ts'

const LINES = readFileSync(join(root, 'docs', 'reliability.md'), 'utf8').split('\n')
const rows = LINES.filter((line) => line.startsWith('|'))

/** The test files that rows name, with the names of tests after each; "the same file" is the one before. */
function named(lines: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  let file = ''
  for (const [, path, name] of lines.join('\n').matchAll(/`([\w./-]+\.test\.ts)`|"([^"\n]+)"/g)) {
    if (path !== undefined) {
      file = path.includes('/') ? path : join(dirname(file), path)
      if (!found.has(file)) found.set(file, new Set())
    } else if (name !== undefined) found.get(file)?.add(name)
  }
  return found
}

test('every test that docs/reliability.md names is there', () => {
  const tests = named(rows)
  expect(tests.size).toBeGreaterThan(30)
  const absent: string[] = []
  for (const [file, names] of tests) {
    const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : null
    if (text === null) absent.push(file)
    else
      absent.push(
        ...Array.from(names)
          .filter((name) => !text.includes(name))
          .map((name) => `${file}: ${name}`),
      )
  }
  expect(absent).toEqual([])
})

test('each finding of the attack run names its test', () => {
  const numbers = Array.from({ length: 14 }, (_, i) => i + 1)
  const without = numbers.filter((number) => {
    const own = rows.filter((row) => new RegExp(String.raw`^\| F${number} +\|`).test(row))
    return own.length !== 1 || named(own).size === 0
  })
  expect(without).toEqual([])
})
