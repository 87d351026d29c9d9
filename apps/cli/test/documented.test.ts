import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { breakwater } from '../src/program.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const pages = ['*.md', 'docs/*.md', 'tools/site/guide/*.md', '{apps,packages,examples}/*/README.md'].flatMap(
  (pattern) => globSync(pattern, { cwd: root }).toSorted(),
)

/** A command as a page shows it. */
interface Shown {
  readonly page: string
  readonly line: string
  readonly args: readonly string[]
}

/** Commands of the blocks of a page that are for a shell: whole lines, without what a shell does with them. */
function commandsOf(page: string): Shown[] {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = [...text.matchAll(/^```(?:sh|bash)?\n(?<lines>[\s\S]*?)^```$/gm)].map(
    ({ groups }) => groups?.['lines'] ?? '',
  )
  return blocks.flatMap((block) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .flatMap((line) => {
        const called = /^(?:[A-Z_]+=\S+ )*(?:npx |npm run )?breakwater(?: --)? (?<rest>.*)$/.exec(line)?.groups?.[
          'rest'
        ]
        const [own = ''] = called?.split(/ (?:#|\||>|&)/) ?? []
        return called === undefined ? [] : [{ page, line, args: wordsOf(own) }]
      }),
  )
}

const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, plain]) => single ?? double ?? plain ?? '')

/** The program with commands that do nothing and say nothing, so that they are parsed alone. */
async function parser(): Promise<Command> {
  const program = await breakwater.create('breakwater', [], new AbortController().signal)
  const quieten = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    if (command.commands.length === 0) command.action(() => undefined)
    for (const each of command.commands) quieten(each)
  }
  quieten(program)
  return program
}

/** What is wrong with a command; null where it would begin. */
async function faultOf(program: Command, { page, line, args }: Shown): Promise<string | null> {
  try {
    await program.parseAsync(args, { from: 'user' })
    return null
  } catch (error) {
    if ((error as { code?: string }).code === 'commander.helpDisplayed') return null
    return `${page}: ${line}: ${(error as Error).message}`
  }
}

test('every command in a block of the documentation is one that the program takes, with its options and values', async () => {
  const program = await parser()
  const shown = pages.flatMap(commandsOf)
  const faults: string[] = []
  for (const one of shown) {
    const fault = await faultOf(program, one)
    if (fault !== null) faults.push(fault)
  }
  expect(faults).toEqual([])
  // The recipes and the README alone have more; none at all would mean that the blocks are not found.
  expect(new Set(shown.map(({ args }) => args[0])).size).toBeGreaterThan(15)
})

test('every command named within a sentence exists, with the options that are named beside it', async () => {
  const program = await parser()
  const known = new Map(program.commands.map((command) => [command.name(), command]))
  const faults = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/`(?:npx )?breakwater (?<rest>[a-z][^`]*)`/g)].flatMap(
      ({ groups }) => {
        const [name = '', ...rest] = wordsOf(groups?.['rest'] ?? '')
        const command = known.get(name)
        if (command === undefined) return [`${page}: breakwater ${name}`]
        const options = new Set(
          [command, ...command.commands].flatMap((one) => one.options.flatMap(({ long }) => long ?? [])),
        )
        const absent = rest.filter((word) => word.startsWith('--') && !options.has(word.replace(/=.*/, '')))
        return absent.map((word) => `${page}: breakwater ${name} ${word}`)
      },
    ),
  )
  expect(faults).toEqual([])
})

test('a command that the program does not take is found', async () => {
  const program = await parser()
  const faults = await Promise.all(
    [['trian'], ['train', '--fold', '3'], ['train', '--folds', 'three'], ['evaluate', '--anchors', '3min']].map(
      (args) => faultOf(program, { page: 'a.md', line: args.join(' '), args }),
    ),
  )
  expect(
    faults.map((fault) =>
      fault
        ?.split(': ')
        .slice(2)
        .join(': ')
        .split(/[.,(\n]/)[0]
        ?.trim(),
    ),
  ).toEqual([
    "error: unknown command 'trian'",
    "error: unknown option '--fold'",
    expect.stringMatching(/^error: option '--folds <n>' argument 'three' is invalid/),
    expect.stringMatching(/^error: option '--anchors <anchors/),
  ])
})
