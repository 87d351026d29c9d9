import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunStart } from '@breakwater/tracking'
import { describe, expect, test } from 'vitest'
import { SINKS } from './sinks.ts'
import { temporaryFolder } from './temporary.ts'

const ID = 'a1'.repeat(16)
const START: RunStart = {
  id: ID,
  name: 'boosted_trees-v2-stage_b-full-2025-01-02_2025-01-10',
  job: 'boosted_trees',
  tags: { run_id: ID, job: 'boosted_trees', stage: 'stage_b', git_sha: 'f'.repeat(40) },
}

describe.each(Object.entries(SINKS))('%s', (name, make) => {
  test('holds what a run recorded, in order, when it has ended', async () => {
    const { tracker, see, warnings } = await make()
    const run = await tracker.start(START)
    expect(run.id).toBe(ID)
    await run.params({ rounds: 300, learningRate: 0.05, 'plan.kind': 'expanding', shuffled: false, limit: null })
    await run.tags({ tag_note: 'first' })
    await run.metrics({ 'direction/validation/auc': 0.61, brier: 1e-30 }, 0)
    await run.metrics({ 'direction/validation/auc': -0.5 }, 2)
    await run.metrics({ loss: 3 })
    await run.tags({ tag_note: 'second' })
    const file = join(temporaryFolder(), 'model.onnx')
    writeFileSync(file, 'weights')
    await run.artifact({
      name: 'bundle',
      type: 'model',
      files: [
        { path: 'direction.onnx', file },
        { path: 'meta/plan.json', text: '{"folds":3}\n' },
        { path: 'graph.onnx', bytes: new TextEncoder().encode('graph') },
      ],
      metadata: { k: 1 },
      registerAs: 'boosted_trees-stage_b-full',
    })
    // The run keeps the file as it was.
    writeFileSync(file, name === 'memory' || name.startsWith('fan-out') ? 'weights' : 'other')
    await run.dataset({
      name: 'signals',
      digest: 'd'.repeat(64),
      context: 'training',
      source: 'signals.parquet',
      rows: 9,
    })
    await run.end('finished')
    expect(warnings).toEqual([])
    const seen = await see(ID)
    if (seen === null) return
    expect(seen).toEqual({
      name: START.name,
      job: 'boosted_trees',
      status: 'finished',
      params: { rounds: '300', learningRate: '0.05', 'plan.kind': 'expanding', shuffled: 'false', limit: 'null' },
      tags: { ...START.tags, tag_note: 'second' },
      metrics: { 'direction/validation/auc': ['0:0.61', '2:-0.5'], brier: ['0:1e-30'], loss: ['2:3'] },
      artifacts: {
        bundle: { 'direction.onnx': 'weights', 'graph.onnx': 'graph', 'meta/plan.json': '{"folds":3}\n' },
      },
      datasets: ['signals training'],
    })
  })

  test.each(['failed', 'killed'] as const)('says that a run ended as %s', async (status) => {
    const { tracker, see } = await make()
    await (await tracker.start(START)).end(status)
    expect((await see(ID))?.status ?? status).toBe(status)
  })

  test('says that a run which has not ended is running', async () => {
    const { tracker, see } = await make()
    const run = await tracker.start(START)
    expect((await see(ID))?.status ?? 'running').toBe('running')
    await run.end('finished')
  })

  test('keeps the order of calls that nobody waits for', async () => {
    const { tracker, see } = await make()
    const run = await tracker.start(START)
    const calls = Array.from({ length: 50 }, (_, step) => run.metrics({ loss: step / 2 }, step))
    await run.end('finished')
    await Promise.all(calls)
    const seen = await see(ID)
    const wanted = Array.from({ length: 50 }, (_, step) => `${step}:${step / 2}`)
    expect(seen?.metrics['loss'] ?? wanted).toEqual(wanted)
  })

  test('goes on with a run that is opened again', async () => {
    const { tracker, see } = await make()
    await (await tracker.start(START)).end('killed')
    const run = await tracker.start({ ...START, reopen: true })
    await run.metrics({ best: 1 }, 4)
    await run.end('finished')
    const seen = await see(ID)
    expect(seen?.status ?? 'finished').toBe('finished')
    expect(seen?.metrics ?? { best: ['4:1'] }).toEqual({ best: ['4:1'] })
  })

  test('holds values at the limits', async () => {
    const { tracker, see, warnings } = await make()
    const run = await tracker.start(START)
    const key = 'k'.repeat(240)
    const many = Array.from({ length: 1100 }, (_, at) => [`m/${at}`, at / 7] as const)
    await run.params({ [key]: 'ü'.repeat(6000) })
    await run.tags({ tag_long: 'é'.repeat(8000) })
    await run.metrics(Object.fromEntries(many), 1)
    await run.end('finished')
    expect(warnings).toEqual([])
    const seen = await see(ID)
    if (seen === null) return
    expect(seen.params[key]).toBe('ü'.repeat(6000))
    expect(seen.tags['tag_long']).toBe('é'.repeat(8000))
    expect(seen.metrics).toEqual(Object.fromEntries(many.map(([name_, value]) => [name_, [`1:${value}`]])))
  })

  test('refuses what breaks the rules, and records what comes after', async () => {
    const { tracker, see } = await make()
    await expect(tracker.start({ ...START, id: 'short' })).rejects.toThrow('tracking: id="short"')
    const run = await tracker.start(START)
    await run.params({ rounds: 1 })
    await expect(run.params({ rounds: 2 })).rejects.toThrow('params: rounds=2: is 1 already')
    await expect(run.params({ long: 'x'.repeat(6001) })).rejects.toThrow('long has 6001 characters: at most 6000')
    await expect(run.metrics({ loss: Number.NaN })).rejects.toThrow('metrics: loss=NaN: must be finite')
    await expect(run.metrics({ 'a/../b': 1 })).rejects.toThrow('key "a/../b"')
    await run.metrics({ loss: 1 }, 5)
    await expect(run.metrics({ 'loss/direction': 1 })).rejects.toThrow(
      'key loss/direction: there is loss: a key is not a part of',
    )
    await expect(run.metrics({ loss: 1 }, 4)).rejects.toThrow(
      'step=4: must be a whole number, and not below the last step, 5',
    )
    await expect(run.artifact({ name: 'x', type: 'y', files: [] })).rejects.toThrow('artifact: x has no files')
    await expect(run.artifact({ name: 'z', type: 'y', files: [{ path: '../up', text: '' }] })).rejects.toThrow(
      '"../up"',
    )
    await run.metrics({ loss: 2 }, 6)
    await run.end('finished')
    await expect(run.metrics({ loss: 3 }, 7)).rejects.toThrow('has ended')
    const seen = await see(ID)
    if (seen === null) return
    expect(seen.params).toEqual({ rounds: '1' })
    expect(seen.metrics).toEqual({ loss: ['5:1', '6:2'] })
  })
})
