import { fromLightgbm, fromXgboost, toXgboostJson, toXgboostUbj } from '@breakwater/trees'
import { describe, expect, it } from 'vitest'
import { recordedModels } from './fixtures.ts'
import { randomModel } from './random-model.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const source = 'm.file'
const model = randomModel({
  seed: 12,
  objective: 'logistic',
  columns: 3,
  trees: 2,
  branches: 9,
  categoryColumns: 1,
  categories: 9,
  deep: true,
  baseScore: 0.5,
})
const ubj = toXgboostUbj(model)
const json = toXgboostJson(model)

/** A document with the value at a path of keys changed. */
function edited(path: readonly (string | number)[], change: (value: unknown) => unknown): Uint8Array {
  const root = JSON.parse(json) as Record<string, unknown>
  let at = root as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) at = at[key] as typeof at
  const last = path.at(-1) as string | number
  at[last] = change(at[last])
  return utf8(JSON.stringify(root))
}
const TREE = ['learner', 'gradient_booster', 'model', 'trees', 1]
const inTree = (key: string, node: number, value: unknown): Uint8Array => edited([...TREE, key, node], () => value)
const set = (path: readonly (string | number)[], value: unknown): Uint8Array => edited(path, () => value)
const PARAMETERS = ['learner', 'learner_model_param']

/** The error that reading gives, `none`, or what is unsound in the model that was read. */
function faultOf(bytes: Uint8Array): string {
  try {
    const { feature, left, columns } = fromXgboost(bytes, { source })
    const unsound = feature.findIndex((column, i) => column >= columns.length || (column >= 0 && (left[i] ?? 0) <= i))
    return unsound === -1 ? 'none' : `node ${unsound} is unsound`
  } catch (error) {
    return String(error)
  }
}

describe('a file of XGBoost', () => {
  it('cut short at any byte is refused with its name', () => {
    for (let length = 0; length < ubj.length; length++) {
      expect(() => fromXgboost(ubj.subarray(0, length), { source })).toThrow(/^trees: m\.file: /)
    }
    const text = utf8(json)
    for (let length = 0; length < text.length; length += 7) {
      expect(() => fromXgboost(text.subarray(0, length), { source })).toThrow(/^trees: m\.file: /)
    }
  })

  it('with any one byte changed is refused with its name, or read as a model of sound nodes', () => {
    for (let at = 0; at < ubj.length; at++) {
      const damaged = ubj.slice()
      damaged[at] = (damaged[at] as number) ^ 0xff
      expect(faultOf(damaged)).toMatch(/^(?:none|Error: trees: m\.file: .*)$/s)
    }
  })

  it.each<[string, () => Uint8Array, string]>([
    [
      'a pickle',
      () => Uint8Array.of(0x80, 4, 0x95),
      'is neither JSON nor UBJSON. Save the model with Booster.save_model',
    ],
    ['other JSON', () => utf8('{}'), 'version: must be a list of numbers'],
    ['a version to come', () => set(['version'], [4, 0, 0]), 'version=4: must be from 1 to 3. Save with an XGBoost of'],
    ['no learner', () => set(['learner'], null), 'learner: must be an object'],
    [
      'another objective',
      () => set(['learner', 'objective', 'name'], 'rank:ndcg'),
      'learner.objective.name=rank:ndcg: must be one of binary:logistic, binary:logitraw',
    ],
    [
      'several classes',
      () => set([...PARAMETERS, 'num_class'], '3'),
      'learner.learner_model_param.num_class=3: a model has one output. Train one model an output.',
    ],
    ['several targets', () => set([...PARAMETERS, 'num_target'], '2'), 'num_target=2: a model has one output.'],
    [
      'several base scores',
      () => set([...PARAMETERS, 'base_score'], '[5E-1,5E-1]'),
      'learner.learner_model_param.base_score: is "[5E-1,5E-1]": must be one number in the range of binary:logistic',
    ],
    ['a base score of 1', () => set([...PARAMETERS, 'base_score'], '1'), 'must be one number in the range of'],
    [
      'a linear booster',
      () => set(['learner', 'gradient_booster', 'name'], 'gblinear'),
      'learner.gradient_booster.name=gblinear: must be gbtree or dart. Train trees.',
    ],
    [
      'fewer trees than it says',
      () => edited(['learner', 'gradient_booster', 'model', 'trees'], (trees) => (trees as unknown[]).slice(1)),
      'learner.gradient_booster.model.trees: has 1 trees: must have 2',
    ],
    [
      'an iteration beyond the last',
      () => set(['learner', 'attributes', 'best_iteration'], '9'),
      'learner.attributes.best_iteration: is 9, but the file has fewer iterations',
    ],
    ['a child that is the root', () => inTree('left_children', 0, 0), 'tree 1, node 0: child 0: must be from 1 to'],
    ['a child beyond the end', () => inTree('right_children', 0, 99), 'tree 1, node 0: child 99: must be from 1 to'],
    ['a child with two parents', () => inTree('right_children', 0, 1), 'has two parents, 0 and 0'],
    ['half a leaf', () => inTree('right_children', 0, -1), 'tree 1, node 0: child -1: must be from 1 to'],
    ['an unknown feature', () => inTree('split_indices', 0, 3), 'tree 1, node 0: feature -1: must be from 0 to 2'],
    ['a word for a number', () => inTree('sum_hessian', 0, 'x'), 'trees[1].sum_hessian[0]: must be a number'],
    [
      'fewer entries than nodes',
      () => set([...TREE, 'loss_changes'], []),
      'trees[1].loss_changes: has 0 entries: must',
    ],
    [
      'leaves of several values',
      () => set([...TREE, 'tree_param', 'size_leaf_vector'], '2'),
      'trees[1].tree_param.size_leaf_vector: leaves with several values are not known',
    ],
    [
      'a category beyond the limit',
      () => edited([...TREE, 'categories'], (codes) => (codes as number[]).map(() => 1_048_576)),
      'category 1048576: must be an integer from 0 to 1048575. Number the categories from 0 up.',
    ],
    [
      'a set beyond the categories',
      () => edited([...TREE, 'categories_sizes'], (sizes) => (sizes as number[]).map(() => 1000)),
      'reaches beyond the categories',
    ],
    [
      'a node of categories without a set',
      () =>
        edited(TREE, (tree) => ({
          ...(tree as object),
          categories: [],
          categories_nodes: [],
          categories_segments: [],
          categories_sizes: [],
        })),
      'split on categories',
    ],
  ])('with %s is refused', (_, bytes, message) => {
    expect(() => fromXgboost(bytes(), { source })).toThrow('trees: m.file: ')
    expect(() => fromXgboost(bytes(), { source })).toThrow(message)
  })
})

/** Bytes of ASCII text and numbers. */
const bytesOf = (...parts: readonly (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part, 'latin1')])))

/** The model's UBJSON with one more value at its beginning, under the key "x". */
const withValue = (value: Uint8Array): Uint8Array =>
  Uint8Array.of(...bytesOf('{i', 1, 'x'), ...value, ...ubj.subarray(1))

describe('UBJSON', () => {
  it.each<[string, Uint8Array]>([
    ['null', bytesOf('Z')],
    ['booleans', bytesOf('[TF]')],
    ['a character', bytesOf('Ca')],
    [
      'integers of every size',
      bytesOf('[i', 255, 'U', 255, 'I', 0, 1, 'l', 0, 0, 0, 1, 'L', 0, 0, 0, 0, 0, 0, 0, 1, ']'),
    ],
    ['floats of both sizes', bytesOf('[#i', 2, 'd', 0, 0, 0, 0, 'D', 0, 0, 0, 0, 0, 0, 0, 0)],
    ['typed lists', bytesOf('[[$i#i', 1, 1, '[$I#i', 1, 0, 1, '[$D#U', 1, 0, 0, 0, 0, 0, 0, 0, 0, '[$d#i', 0, ']')],
    ['objects with and without a length', bytesOf('[{i', 1, 'a', 'Z}{#i', 1, 'i', 1, 'aZ]')],
    ['no-operations', bytesOf('NN[NTN]')],
  ])('with %s that is not needed is the same model', (_, value) => {
    expect(fromXgboost(withValue(value))).toEqual(fromXgboost(ubj))
  })

  it.each<[string, Uint8Array, string]>([
    ['an unknown marker', bytesOf('Q'), '"Q" is no UBJSON marker'],
    ['a length below 0', bytesOf('Si', 255), 'a length should stand here'],
    ['a list of terabytes', bytesOf('[$d#L', 0, 0, 8, 0, 0, 0, 0, 0), 'should follow, but the file ends'],
    ['a typed list of nothing', bytesOf('[$Z#L', 0, 0, 8, 0, 0, 0, 0, 0), 'a typed array of "Z" is not known'],
    ['a typed list without a length', bytesOf('[$di', 1), 'a typed array should state its length'],
    ['a typed object', bytesOf('{$i#i', 0), 'a typed object is not known'],
    ['an integer beyond 2^53', bytesOf('L', 127, 0, 0, 0, 0, 0, 0, 0), 'is beyond 2^53'],
    ['a string that is not UTF-8', bytesOf('Si', 1, 255), 'a string is not UTF-8'],
    ['lists in lists without end', bytesOf('['.repeat(100)), 'values lie more than 64 deep in one another'],
  ])('with %s is refused at the byte', (_, value, message) => {
    const read = (): unknown => fromXgboost(withValue(value), { source })
    expect(read).toThrow(/^trees: m\.file: is not whole UBJSON: byte \d+: /)
    expect(read).toThrow(message)
  })

  it('with more bytes after the end is refused', () => {
    expect(() => fromXgboost(Uint8Array.of(...ubj, 0))).toThrow('more bytes follow the document')
  })
})

const read = (text: string): unknown => fromLightgbm(text, { source })

describe('a file of LightGBM', () => {
  const recorded = recordedModels('lightgbm').find(({ title }) => title === 'lightgbm-4.7.0/binary')
  const text = new TextDecoder().decode(recorded?.bytes)

  it('cut short anywhere is refused with its name', () => {
    const end = text.indexOf('end of trees')
    for (let length = 0; length < end + 11; length += 3) {
      expect(() => read(text.slice(0, length))).toThrow(/^trees: m\.file: /)
    }
  })

  it('with Windows line ends is the same model', () => {
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(read(text))
  })

  const put = (pattern: RegExp, replacement: string) => (): string => {
    const changed = text.replace(pattern, replacement)
    expect(changed).not.toBe(text)
    return changed
  }
  it.each<[string, () => string, string]>([
    ['other text', () => 'model', 'begins with "model": a LightGBM model begins with the line "tree".'],
    ['a version to come', put(/version=v4/, 'version=v5'), 'version=v5: must be one of v3, v4.'],
    ['an older version', put(/version=v4\n/, ''), 'version=none: must be one of v3, v4.'],
    [
      'another objective',
      put(/objective=\S+/, 'objective=lambdarank'),
      'objective=lambdarank sigmoid:1: must be one of',
    ],
    ['root labels', put(/objective=.*/, 'objective=regression sqrt'), 'objective=regression sqrt: must be one of'],
    ['several classes', put(/num_class=1/, 'num_class=3'), 'num_class=3: a model has one output.'],
    ['a tree too few', put(/tree_sizes=\d+ /, 'tree_sizes='), 'holds 6 trees, tree_sizes lists 5.'],
    [
      'linear models in its leaves',
      put(/is_linear=0/, 'is_linear=1'),
      'Tree=0: is_linear is 1: trees of linear models',
    ],
    ['zero as missing', put(/decision_type=\d+/, 'decision_type=6'), 'zero as missing is not known; train with'],
    ['a child that is the root', put(/left_child=\S+/, 'left_child=0'), 'tree 0, node 0: child 0: must be from 1 to'],
    ['a leaf beyond the last', put(/left_child=\S+/, 'left_child=-99'), 'Tree=0: left_child or right_child holds -99'],
    ['a feature beyond the last', put(/split_feature=\S+/, 'split_feature=9'), 'tree 0, node 0: feature -1: must be'],
    [
      'a word for a number',
      put(/threshold=\S+/, 'threshold=0x1F'),
      'Tree=0: threshold has "0x1F": must contain only numbers',
    ],
    ['a number too few', put(/leaf_value=\S+ /, 'leaf_value='), 'Tree=0: leaf_value has 7 numbers: must have 8'],
    [
      'a leaf of infinity',
      put(/leaf_value=\S+/, 'leaf_value=inf'),
      'leaf value Infinity: must be a finite 32-bit float',
    ],
    [
      'a set that does not exist',
      put(/cat_boundaries=0 \d+/, 'cat_boundaries=0 -1'),
      'there is no such set of categories',
    ],
    ['a million leaves', put(/num_leaves=\d+/, 'num_leaves=99999999'), 'num_leaves must be from 1 to 4194304'],
  ])('with %s is refused', (_, changed, message) => {
    expect(() => read(changed())).toThrow('trees: m.file: ')
    expect(() => read(changed())).toThrow(message)
  })

  it('takes blanks in names as LightGBM writes them', () => {
    const columns = ['price', 'flow', 'kind=A', 'level']
    expect(fromLightgbm(text, { columns }).columns).toEqual(columns)
    const renamed = text.replace('kind=A', 'kind=A_B')
    expect(fromLightgbm(renamed, { columns: columns.with(2, 'kind=A B') }).columns[2]).toBe('kind=A B')
    expect(() => fromLightgbm(renamed, { columns, source })).toThrow(
      'trees: m.file: feature names: kind=A_B: not among',
    )
  })
})
