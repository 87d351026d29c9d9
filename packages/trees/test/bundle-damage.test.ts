import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { decodeModel, encodeModel } from '@breakwater/formats'
import type { OnnxAttribute, OnnxModel } from '@breakwater/formats'
import { decodeBundle, encodeBundle, trainBoosted } from '@breakwater/trees'
import type { Bundle, BundleDescription } from '@breakwater/trees'
import { writeBundles } from '@breakwater/trees/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { labelsOf, modelOf, uniformMatrix } from './seeded.ts'

const description: BundleDescription = {
  head: 'direction',
  stage: 'stage_b',
  ablation: 'full',
  anchor: '4min',
  features: ['c0', 'c1'],
  encoder: null,
  dates: { train: [], validation: [], calibration: [], test: [] },
  metrics: null,
  timestamp: '2025-01-07T00:00:00.000Z',
  dataHash: 'ab',
  gitSha: null,
  libraryVersion: '0.0.0',
  schemaVersion: '2',
  calibrator: null,
}
let bundle: Bundle
let onnx: OnnxModel

beforeAll(async () => {
  const matrix = uniformMatrix(200, 2, { missing: 0.1 })
  const labels = labelsOf(matrix, ([x = 0, y = 0]) => Number(x > 0.4 === y > 0.5))
  bundle = { model: modelOf(await trainBoosted(matrix, labels, { rounds: 3, maxDepth: 3 })), description }
  onnx = decodeModel(encodeBundle(bundle))
})

/** The bundle with one attribute of its ensemble replaced. */
function withAttribute(name: string, change: (attribute: OnnxAttribute) => OnnxAttribute): Uint8Array {
  const nodes = onnx.graph.nodes.map((node) => ({
    ...node,
    attributes: node.attributes.map((attribute) => (attribute.name === name ? change(attribute) : attribute)),
  }))
  return encodeModel({ ...onnx, graph: { ...onnx.graph, nodes } })
}

/** The bundle with the first entry of a list of integers replaced: that of the root, which is a branch. */
const withFirst = (name: string, value: number): Uint8Array =>
  withAttribute(name, (attribute) => {
    if (attribute.type !== 'ints') throw new Error(`${name} holds no integers`)
    return { name, type: 'ints', values: [value, ...Array.from(attribute.values).slice(1)] }
  })

const withMetadata = (change: (metadata: Map<string, string>) => void): Uint8Array => {
  const metadata = new Map(onnx.metadata)
  change(metadata)
  return encodeModel({ ...onnx, metadata })
}

describe('a damaged bundle', () => {
  it('cut short at any byte is refused with the name of the file', () => {
    const bytes = encodeBundle(bundle)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeBundle(bytes.subarray(0, length), 'x.onnx')).toThrow(
        `trees: x.onnx: onnx: bytes=${length} bytes`,
      )
    }
  })

  it.each<[string, () => Uint8Array, string]>([
    ['a child that is its own parent', () => withFirst('nodes_truenodeids', 0), 'node 0 leads nowhere'],
    ['a child beyond the end', () => withFirst('nodes_truenodeids', 1e6), 'node 0 leads nowhere'],
    [
      'children that lie apart',
      () => withFirst('nodes_falsenodeids', 1),
      'node 0 leads nowhere or its children lie apart',
    ],
    [
      'a child beyond 32 bits',
      () => withFirst('nodes_truenodeids', 2 ** 32 + 1),
      'attribute nodes_truenodeids is missing or of another type',
    ],
    ['an unknown column', () => withFirst('nodes_featureids', 2), 'node 0 splits on column 2, which does not exist'],
    ['a tree number that jumps', () => withFirst('nodes_treeids', 2), 'nodes_treeids or nodes_nodeids is out of order'],
    [
      'another kind of branch',
      () =>
        withAttribute('nodes_modes', (a) => ({
          name: a.name,
          type: 'strings',
          values: a.type === 'strings' ? a.values.map((mode) => mode.replace('_LT', '_LEQ')) : [],
        })),
      'node 0 is not one that training writes',
    ],
    [
      'thresholds of another type',
      () => withAttribute('nodes_values_as_tensor', (a) => ({ name: a.name, type: 'int', value: 1 })),
      'attribute nodes_values_as_tensor is missing or of another type',
    ],
    [
      'fewer gains than nodes',
      () => withMetadata((m) => m.set('breakwater.gain', '')),
      'the node attributes differ in length',
    ],
    ['half a gain', () => withMetadata((m) => m.set('breakwater.gain', 'AAAA')), 'breakwater.gain is damaged'],
    ['a gain cut short', () => withMetadata((m) => m.set('breakwater.gain', 'AAAAAA=')), 'breakwater.gain is damaged'],
    [
      'a gain that is no base64',
      () => withMetadata((m) => m.set('breakwater.gain', 'AA*A')),
      'breakwater.gain is damaged',
    ],
    [
      'a gain in other letters',
      () => withMetadata((m) => m.set('breakwater.gain', 'AAAAÄ==')),
      'breakwater.gain is damaged',
    ],
    [
      'no description',
      () => withMetadata((m) => m.delete('breakwater.bundle')),
      'is ONNX but not a bundle: it lacks breakwater.bundle',
    ],
    [
      'a description that is not JSON',
      () => withMetadata((m) => m.set('breakwater.bundle', '{')),
      'breakwater.bundle is not JSON',
    ],
    [
      'a description without its head',
      () =>
        withMetadata((m) => m.set('breakwater.bundle', (m.get('breakwater.bundle') ?? '').replace('"head"', '"hd"'))),
      'breakwater.bundle.description.head',
    ],
  ])('with %s is refused', (_, damaged, message) => {
    expect(() => decodeBundle(damaged(), 'x.onnx')).toThrow(message)
  })
})

describe('what cannot be read back is not written', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwater-trees-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const set = { stage: 'stage_b', ablation: 'full', timestamp: description.timestamp, skipped: [], details: null }
  const named = (head: string): Bundle => ({ ...bundle, description: { ...description, head } })

  it.each<[string, () => Parameters<typeof writeBundles>[1], RegExp]>([
    [
      'a head name with a slash',
      () => ({ ...set, bundles: [named('../up')] }),
      /heads\.0\.file.*Correct what is to be written\./,
    ],
    ['a head twice', () => ({ ...set, bundles: [named('a'), named('a')] }), /trees: heads: a occurs twice/],
    ['NaN among the details', () => ({ ...set, bundles: [named('a')], details: { auc: Number.NaN } }), /details/],
  ])('%s', async (_, bad, message) => {
    await expect(writeBundles(folder, bad())).rejects.toThrow(message)
    expect(await readdir(folder)).toEqual([])
  })
})
