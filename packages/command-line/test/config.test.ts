import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  applyConfig,
  configSchema,
  configTemplate,
  dateList,
  findConfig,
  readConfig,
  wholeNumber,
} from '@breakwater/command-line'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Command, Option } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

/** A program whose command `count` keeps the options that it was run with. */
function counting(): { program: Command; used: () => Record<string, unknown> } {
  let used: Record<string, unknown> = {}
  const count = new Command('count')
    .description('Count things.')
    .option('--dates <dates...>', 'sessions', dateList)
    .option('--every <n>', 'every n-th', wholeNumber(1), 1)
    .addOption(new Option('--stage <name>', 'which stage').choices(['a', 'b']).default('b'))
    .option('--enrich [subject]', 'a subject')
    .requiredOption('--bars <paths...>', 'files')
    .option('--json', 'print JSON')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((options: Record<string, unknown>) => {
      used = options
    })
  const program = new Command('program').exitOverride().addCommand(count).addCommand(new Command('other'))
  return { program, used: () => used }
}

async function run(yaml: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const { program, used } = counting()
  applyConfig(program, readConfig('breakwater.yaml', yaml), args)
  await program.parseAsync(args, { from: 'user' })
  return used()
}

const YAML = 'count:\n  bars: [x.csv, y.csv]\n  every: 3\n  dates: 2025-12-15\n  json: true\n  stage: a\n'

test('the config gives options, required ones included, as flags would', async () => {
  expect(await run(YAML, ['count'])).toEqual({
    bars: ['x.csv', 'y.csv'],
    every: 3,
    dates: ['2025-12-15'],
    json: true,
    stage: 'a',
  })
})

test('flags win over the config, lists included, and the config over defaults', async () => {
  const used = await run(YAML, ['count', '--every=5', '--dates', '2025-12-17', '--bars', 'z.csv'])
  expect(used).toEqual({ bars: ['z.csv'], every: 5, dates: ['2025-12-17'], json: true, stage: 'a' })
})

test('the section of another command has no say', async () => {
  expect(await run('other:\n  every: 9\n', ['count', '--bars', 'z'])).toEqual({ bars: ['z'], every: 1, stage: 'b' })
  expect(await run('count:\n', ['count', '--bars', 'z'])).toEqual({ bars: ['z'], every: 1, stage: 'b' })
})

test.each([
  [
    'count:\n  evry: 2\n',
    'breakwater.yaml: count: evry: no such option. count takes dates, every, stage, enrich, bars, json.',
  ],
  ['count:\n  every: 0\n', 'breakwater.yaml: count: every: 0: "0" is not a whole number of at least 1.'],
  ['count:\n  every: [1, 2]\n', 'breakwater.yaml: count: every: [1,2]: takes one value. Remove the others.'],
  ['count:\n  every: true\n', 'breakwater.yaml: count: every: true: takes a value. Correct it.'],
  ['count:\n  json: 1\n', 'breakwater.yaml: count: json: 1: must be true or false. Correct it.'],
  ['count:\n  bars: {a: 1}\n', 'breakwater.yaml: count: bars: {"a":1}: must be a text, a number or a list of them.'],
  ['count:\n  bars: []\n', 'breakwater.yaml: count: bars: []: must be a text, a number or a list of them.'],
  ['count:\n  stage: c\n', 'breakwater.yaml: count: stage: "c": Allowed choices are a, b.'],
  ['count: 3\n', 'breakwater.yaml: count: 3: must be a mapping of names to values.'],
  ['- 1\n', 'breakwater.yaml: [1]: must be a mapping of names to values.'],
  ['count:\n  every: "1\n', 'breakwater.yaml: Missing closing "quote at line 3'],
])('what cannot be used is refused with its place (%#)', async (yaml, message) => {
  await expect(run(yaml, ['count'])).rejects.toThrow(message)
})

test('aliases that multiply are refused', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (let i = 1; i < 9; i++)
    bomb.push(`${'abcdefghi'[i]}: &${'abcdefghi'[i]} [${`*${'abcdefghi'[i - 1]},`.repeat(9)}]`)
  expect(() => readConfig('b.yaml', bomb.join('\n'))).toThrow('Excessive alias count')
})

test('the file is found in the folder, by the variable, or not at all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'command-line-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(await findConfig(folder, {})).toBeNull()
  writeFileSync(join(folder, 'breakwater.yaml'), YAML)
  writeFileSync(join(folder, 'mine.yaml'), 'count:\n  every: 7\n')
  expect((await findConfig(folder, {}))?.commands['count']?.['every']).toBe(3)
  expect((await findConfig(folder, { BREAKWATER_CONFIG: 'mine.yaml' }))?.commands).toEqual({ count: { every: 7 } })
  expect(await findConfig(folder, { BREAKWATER_CONFIG: 'none' })).toBeNull()
  await expect(findConfig(folder, { BREAKWATER_CONFIG: 'absent.yaml' })).rejects.toThrow('ENOENT')
})

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(configSchema(counting().program.commands))

test('the schema takes what the program takes and refuses what it refuses', () => {
  expect(validate(parse(YAML))).toBe(true)
  expect(validate(parse('count:\nother:\n'))).toBe(true)
  for (const yaml of ['count:\n  evry: 2\n', 'count:\n  json: 1\n', 'count:\n  stage: c\n', 'count:\n  every: [1]\n']) {
    expect(validate(parse(yaml))).toBe(false)
  }
})

test('the template sets nothing, and holds every option with its default once a # is taken away', () => {
  const template = configTemplate(counting().program.commands)
  expect(parse(template)).toEqual({ count: null, other: null })
  expect(template).toContain('# Count things.\ncount:\n  # sessions\n  # dates: dates\n  # every n-th\n  # every: 1\n')
  const set = template.replaceAll(/^ {2}# ([a-z-]+: )/gm, '  $1').replace('dates: dates', 'dates: 2025-12-15')
  expect(parse(set)).toMatchObject({ count: { every: 1, stage: 'b', bars: 'paths', json: true } })
  expect(validate(parse(set))).toBe(true)
})
