import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { predictRaw, toXgboostJson, toXgboostUbj } from '@breakwater/trees'
import type { Bundle, TreeModel } from '@breakwater/trees'
import { loadBundles } from '@breakwater/trees/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashes, temporaryFolder, trainer, trainerJson } from './run-trainer.ts'
import type { Outcome } from './run-trainer.ts'

/** Models trained elsewhere are played by the set's own, written in the format of another library. */
const folder = temporaryFolder()
const signals = join(folder.path, 'signals.parquet')
const models = join(folder.path, 'models')
const SET = ['--stage', 'stage_a', '--model-dir', models]

interface Fold {
  readonly train: readonly string[]
  readonly validation: readonly string[]
  readonly test: readonly string[]
}
interface HeadRecord {
  readonly folds: readonly {
    readonly status: string
    readonly reason: string | null
    readonly trees: number
    readonly calibration: { readonly reason: string }
  }[]
}
let folds: readonly Fold[] = []
let direction: TreeModel
let before: Record<string, string> = {}

const bundleOf = async (head: string): Promise<Bundle> => {
  const { bundles } = await loadBundles(models, { stage: 'stage_a', ablation: 'full', heads: [head] })
  return bundles.get(head) as Bundle
}

beforeAll(async () => {
  await writeSimulation(folder.path, simulate({ sessions: 16, seed: 5 }))
  const [bars, physics] = [join(folder.path, 'bars.parquet'), join(folder.path, 'physics.parquet')]
  await trainerJson(['signals', '--bars', bars, '--physics', physics, '--output', signals])
  const few = ['--rounds', '20', '--folds', '2', '--test-sessions', '2', '--threads', '1']
  const small = ['--anchors', '4min', '--horizons', '60', ...few]
  const data = ['--data-path', signals, '--output-dir', models]
  const train = ['train', '--stage', 'stage_a', ...data, ...small]
  const { sets } = await trainerJson<{ sets: { plan: { folds: Fold[] } }[] }>(train)
  folds = sets[0]?.plan.folds ?? []
  direction = (await bundleOf('direction')).model
  before = hashes(models)
})
afterAll(folder.remove)

const write = (name: string, content: Uint8Array | string): string => {
  const path = join(folder.path, name)
  writeFileSync(path, content)
  return path
}

const importing = (path: string, head: string, more: readonly string[] = []): string[] => {
  const { train = [], validation = [] } = folds.at(-1) ?? {}
  return [
    'import',
    '--from',
    path,
    '--head',
    head,
    '--train-dates',
    ...train,
    '--val-dates',
    ...validation,
    ...SET,
    ...more,
  ]
}

/** Rows around the thresholds of a model. */
const rowsFor = (model: TreeModel): Parameters<typeof predictRaw>[1] => {
  const rows = 200
  const pool = [Number.NaN, 0, 1, ...model.threshold.filter((t) => Number.isFinite(t))]
  const values = Float32Array.from(
    { length: rows * model.columns.length },
    (_, i) => pool[(i * 7919) % pool.length] ?? 0,
  )
  return { columns: model.columns, rows, values }
}

/** One tree of LightGBM's text: probability of a break by the first column. */
const lightgbm = (column: string, objective: string): string => `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=0
objective=${objective}
feature_names=${column}
feature_infos=[-9:9]
tree_sizes=300

Tree=0
num_leaves=2
num_cat=0
split_feature=0
split_gain=4.5
threshold=0.25
decision_type=10
left_child=-1
right_child=-2
leaf_value=-0.5 0.75
leaf_weight=30 20
leaf_count=30 20
internal_value=0
internal_weight=50
internal_count=50
is_linear=0
shrinkage=1


end of trees
`

describe('trainer import', () => {
  const refused: [string, () => string[], string][] = [
    [
      'a file that is not there',
      () => importing('nowhere.ubj', 'direction'),
      '--from nowhere.ubj: there is no such file',
    ],
    [
      'a file cut short',
      () => importing(write('short.ubj', toXgboostUbj(direction).subarray(0, 900)), 'direction'),
      'short.ubj: is not whole UBJSON: byte',
    ],
    ['a foreign file', () => importing(signals, 'direction'), 'is neither JSON nor UBJSON. Save the model with'],
    [
      'features that the encoder does not make',
      () => {
        const columns = direction.columns.with(0, 'tomorrow').with(1, 'id')
        return importing(write('names.ubj', toXgboostUbj({ ...direction, columns })), 'direction')
      },
      "feature names: tomorrow, id: not among options.columns. Train on the encoder's columns under their own names.",
    ],
    [
      'dollars for a probability',
      () => importing(write('dollars.ubj', toXgboostUbj({ ...direction, objective: 'squared' })), 'direction'),
      'its objective is squared, but direction is a binary head: must predict a probability',
    ],
    [
      'a probability for dollars',
      () => importing(write('odds.ubj', toXgboostUbj(direction)), 'strength_signed'),
      'its objective is logistic, but strength_signed is a regression head: must predict dollars',
    ],
    [
      'a head that the set does not have',
      () => importing(write('head.ubj', toXgboostUbj(direction)), 'direction_8min'),
      'head direction_8min: the set stage_a full has no such head. It has: ',
    ],
    [
      'dates that the signals do not hold',
      () => [
        'import',
        '--from',
        write('d.ubj', toXgboostUbj(direction)),
        '--head',
        'direction',
        '--train-dates',
        '1999-01-04',
        ...SET,
      ],
      "trainDates 1999-01-04: the set's signals have no rows of direction on these dates",
    ],
    [
      'a set that is not there',
      () => importing(write('set.ubj', toXgboostUbj(direction)), 'direction', ['--stage', 'stage_b']),
      'model bundle missing. Run `breakwater train --stage stage_b --ablation full` first.',
    ],
  ]
  test.each(refused)('refuses %s and changes nothing', async (_, args, message) => {
    const { code, err }: Outcome = await trainer(args())
    expect(err).toContain(message)
    expect(code).toBe(1)
    expect(hashes(models)).toEqual(before)
  })

  test('without the dates that the model saw is no import', async () => {
    const { code, err } = await trainer(['import', '--from', 'x.ubj', '--head', 'direction', ...SET])
    expect([code, err]).toEqual([
      2,
      expect.stringContaining("required option '--train-dates <dates...>' not specified"),
    ])
  })

  test.each(['ubj', 'json'])(
    'makes an XGBoost model (.%s) the head of the set: it predicts the same',
    async (extension) => {
      const content = extension === 'ubj' ? toXgboostUbj(direction) : toXgboostJson(direction)
      const path = write(`model.${extension}`, content)
      const result = await trainerJson<{ bundle: string; head: HeadRecord }>(importing(path, 'direction'))
      expect(result.bundle).toBe('direction_stage_a_full.onnx')
      expect(result.head.folds.map(({ status }) => status)).toEqual(['skipped', 'trained'])
      expect(result.head.folds.at(-1)?.calibration.reason).toMatch(
        /; it is scored by itself, and (the set serves its law|served within the coherent surface of the heads)$/,
      )
      const { model, description } = await bundleOf('direction')
      const given = predictRaw(direction, rowsFor(direction))
      for (const [i, score] of predictRaw(model, rowsFor(direction)).entries())
        expect(score).toBeCloseTo(given[i] ?? NaN, 6)
      expect(new Set(given).size).toBeGreaterThan(10)
      expect(description.metrics).toMatchObject({ imported: { format: 'XGBoost', file: path } })
      expect(description.dates).toMatchObject({ train: folds.at(-1)?.train, test: [] })
      const changed = Object.entries(hashes(models)).filter(([file, hash]) => before[file] !== hash)
      expect(changed.map(([file]) => file)).toEqual([
        'direction_stage_a_full.onnx',
        'metadata_stage_a_full.json',
        'predictions_stage_a_full.parquet',
      ])
    },
  )

  test('keeps only scores of sessions after those that the model saw, and evaluate reports those', async () => {
    const report = join(folder.path, 'report')
    const all = ['evaluate', '--model-dir', models, '--output-dir', report]
    const { evaluation } = await trainerJson<{
      evaluation: { sets: { heads: { name: string; status: string; rows: number; folds: { fold: number }[] }[] }[] }
    }>(all)
    const head = evaluation.sets[0]?.heads.find(({ name }) => name === 'direction')
    const other = evaluation.sets[0]?.heads.find(({ name }) => name === 't1_60s')
    expect(head?.folds.map(({ fold }) => fold)).toEqual([1])
    expect(other?.folds.map(({ fold }) => fold)).toEqual([0, 1])
    const seen = folds.at(-1)?.train[0] ?? ''
    const { code, err } = await trainer([...all, '--test-dates', seen])
    expect([code, err]).toEqual([1, expect.stringContaining('walk-forward violation')])
  })

  test('takes a LightGBM model of some of the columns; one that saw every session has no recorded scores', async () => {
    const column = direction.columns.at(-1) ?? ''
    const path = write('model.txt', lightgbm(column, 'regression'))
    const dates = folds.flatMap(({ train, validation, test: last }) => [...train, ...validation, ...last])
    const args = ['import', '--from', path, '--head', 'strength_signed', '--train-dates', ...dates, ...SET]
    const { code, out, err } = await trainer(args)
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^replaces version [0-9a-f]{16} of .*metadata_stage_a_full\.json; /),
    ])
    expect(out).toContain('stage_a full: strength_signed is now the LightGBM model of')
    expect(out).toContain('none of the recorded sessions is after those it saw: evaluate it on later ones')
    expect(out).toMatch(/\nNext: breakwater evaluate --test-dates <later sessions>\n$/)
    const { model } = await bundleOf('strength_signed')
    expect([model.columns, model.objective]).toEqual([direction.columns, 'squared'])
    const rows = (x: number): Float32Array => new Float32Array(model.columns.length).fill(x)
    const at = (x: number): number => predictRaw(model, { columns: model.columns, rows: 1, values: rows(x) })[0] ?? NaN
    expect([0.25, 0.25000003, Number.NaN].map(at)).toEqual([-0.5, 0.75, -0.5])
    const evaluated = await trainer(['evaluate', '--model-dir', models, '--output-dir', join(folder.path, 'report')])
    expect([evaluated.code, evaluated.err]).toEqual([0, expect.any(String)])
  })

  test('writes the same bytes again with a fixed clock', async () => {
    const path = write('again.ubj', toXgboostUbj(direction))
    const env = { SOURCE_DATE_EPOCH: '1735689600' }
    const once = async (): Promise<Record<string, string>> => {
      await trainerJson(importing(path, 'direction'), { env })
      return hashes(models)
    }
    expect(await once()).toEqual(await once())
    expect(JSON.parse(readFileSync(join(models, 'metadata_stage_a_full.json'), 'utf8'))).toMatchObject({
      timestamp: '2025-01-01T00:00:00.000Z',
    })
  })
})
