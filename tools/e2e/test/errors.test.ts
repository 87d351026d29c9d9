import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder, trainer, trainerJson } from './run-trainer.ts'

const folder = temporaryFolder()
const signals = join(folder.path, 'signals.parquet')
const simulation = simulate({ sessions: 12, seed: 3 })

beforeAll(async () => {
  await writeSimulation(folder.path, simulation)
  const [bars, physics] = [join(folder.path, 'bars.parquet'), join(folder.path, 'physics.parquet')]
  await trainerJson(['signals', '--bars', bars, '--physics', physics, '--output', signals])
})
afterAll(folder.remove)

const train = (...more: readonly string[]): Promise<Awaited<ReturnType<typeof trainer>>> =>
  trainer(['train', '--data-path', signals, '--output-dir', join(folder.path, 'models'), '--anchors', '4min', ...more])

describe("the seed's common issues are errors with their name and the fix", () => {
  test('missing features.json', async () => {
    const { code, err } = await train('--schema', 'nowhere/features.json')
    expect(code).toBe(1)
    expect(err).toContain('missing features.json: nowhere/features.json does not exist. Pass its path with --schema.')
  })

  test('a working folder without data/features.json takes the shipped schema, and its own file where it has one', async () => {
    const cwd = join(folder.path, 'elsewhere')
    mkdirSync(join(cwd, 'data'), { recursive: true })
    const small = ['train', '--data-path', signals, '--anchors', '4min', '--horizons', '60', '--rounds', '2']
    expect(await trainer([...small, '--folds', '1', '--quiet'], { cwd })).toMatchObject({ code: 0, err: '' })
    writeFileSync(join(cwd, 'data', 'features.json'), '{}')
    const { code, err } = await trainer(small, { cwd })
    expect(code).toBe(1)
    expect(err).toContain('features.json: version=absent: must be 2 or "1.5.0"')
  })

  test('missing signals', async () => {
    const { code, err } = await trainer(['train', '--data-path', join(folder.path, 'none.parquet')])
    expect(code).toBe(1)
    expect(err).toContain('missing signals file')
    expect(err).toContain('Run `breakwater signals` first')
  })

  test('no matching dates, with the range that exists', async () => {
    const { code, err } = await train('--train-dates', '2031-01-02', '--val-dates', '2031-01-03')
    expect(code).toBe(1)
    expect(err).toContain('no matching dates')
    expect(err).toMatch(/12 dates from 20\d\d-\d\d-\d\d to 20\d\d-\d\d-\d\d/)
  })

  test('walk-forward violation, naming the dates', async () => {
    const [first = '', second = ''] = simulation.truth.dates
    const { code, err } = await train('--train-dates', second, '--val-dates', first)
    expect(code).toBe(1)
    expect(err).toContain('walk-forward violation')
    expect(err).toContain(first)
    expect(err).toContain(second)
  })

  test('model bundle missing', async () => {
    const { code, err } = await trainer([
      'evaluate',
      '--model-dir',
      join(folder.path, 'nothing'),
      '--data-path',
      signals,
    ])
    expect(code).toBe(1)
    expect(err).toContain('model bundle missing')
    expect(err).toContain('breakwater train')
  })
})

test('a second command in an output folder is told who writes there, and since when', async () => {
  const output = join(folder.path, 'held')
  mkdirSync(output)
  const owner = { pid: 4711, host: 'elsewhere', command: 'trainer train', since: Date.UTC(2026, 0, 5), id: 'abc' }
  writeFileSync(join(output, '.breakwater.lock'), JSON.stringify(owner))
  const { code, err } = await train('--output-dir', output)
  expect(code).toBe(1)
  expect(err).toContain(
    `formats: ${output}: is being written by \`trainer train\` (process 4711 of another host) since 2026-01-05T00:00:00.000Z, `,
  )
  expect(err).toContain(
    'Wait until it ends, or write to another folder; if it has ended, delete .breakwater.lock there.',
  )
  expect(readdirSync(output)).toEqual(['.breakwater.lock'])
})

describe('nonsense is refused with exit code 2 and the argument', () => {
  test.each([
    [['train', '--folds', 'three'], '"three" is not a whole number of at least 1'],
    [['train', '--train-dates', '2025-02-30'], '"2025-02-30" is not a date: write YYYY-MM-DD'],
    [['train', '--stage', 'stage_c'], 'Allowed choices are stage_a, stage_b'],
    [['train', '--anchors', '3min'], '"3min" is not one of 2min, 4min, 8min'],
    [['train', '--learning-rate', '0'], '"0" is not a number above 0'],
    [['signals'], "required option '--bars <paths...>' not specified"],
    [['trian'], "unknown command 'trian'"],
  ])('trainer %j', async (args, message) => {
    const { code, err } = await trainer(args)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})

test('a stage without features of the family says why', async () => {
  const { code, err } = await train('--stage', 'stage_a', '--ablation', 'ta')
  expect(code).toBe(1)
  expect(err).toMatch(/stage_a/)
  expect(err).toMatch(/\bta\b/)
})

test('bars that are not bars are refused with file and reason', async () => {
  const bad = join(folder.path, 'bad.csv')
  writeFileSync(
    bad,
    'datetime,open,high,low,close,volume\n2024-02-20 09:30:00-05:00,500,501,499,500,10\n2024-02-20 09:31:00-05:00,500,499,501,500,10\n',
  )
  const { code, err } = await trainer(['signals', '--bars', bad, '--output', join(folder.path, 'bad.parquet')])
  expect(code).toBe(1)
  expect(err).toContain('bad.csv')
  expect(err).toContain('3')
  expect(readdirSync(folder.path)).not.toContain('bad.parquet')
})

test('every command has help with examples', async () => {
  for (const command of [
    'signals',
    'train',
    'index',
    'evaluate',
    'import',
    'sweep',
    'ui',
    'versions',
    'rollback',
    'prune',
    'track replay',
    'demo',
  ]) {
    const { code, out } = await trainer([...command.split(' '), '--help'])
    expect(code).toBe(0)
    expect(out).toContain('Examples:')
    expect(out).toContain(`trainer ${command}`)
  }
})

test('an interrupt ends with 130 and leaves no half-written file', async () => {
  const models = join(folder.path, 'interrupted')
  mkdirSync(models)
  const { code, err } = await trainer(
    ['train', '--data-path', signals, '--output-dir', models, '--rounds', '5000', '--early-stopping-rounds', '5000'],
    { interruptAt: 'train stage_b full' },
  )
  expect(code).toBe(130)
  expect(err).toContain('interrupted')
  expect(readdirSync(models)).toEqual([])
})
