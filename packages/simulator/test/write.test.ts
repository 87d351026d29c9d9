import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBars, readTable } from '@breakwater/features/parquet'
import { PLANTED, simulate } from '@breakwater/simulator'
import { writeSimulation } from '@breakwater/simulator/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { numbers } from './columns.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'simulator-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

test('writes bars and physics that read back the same, the truth, and no other file', async () => {
  const simulation = simulate({ sessions: 1 })
  const files = await writeSimulation(dir, simulation)
  expect((await readBars(files.bars)).bars).toEqual(simulation.bars)
  const { table } = await readTable(files.physics)
  expect(numbers(table, 'wall_ratio')).toEqual(numbers(simulation.physics, 'wall_ratio'))
  expect((await readdir(dir)).toSorted()).toEqual(['bars.parquet', 'physics.parquet', 'truth.json'])
  const truth: unknown = JSON.parse(await readFile(files.truth, 'utf8'))
  expect(truth).toMatchObject({ planted: PLANTED, dates: ['2024-10-28'], options: { seed: 1, strength: 1 } })
})

test('the same simulation writes the same bytes', async () => {
  const [one, other] = [join(dir, 'one'), join(dir, 'other')]
  await writeSimulation(one, simulate({ sessions: 1 }))
  await writeSimulation(other, simulate({ sessions: 1 }))
  for (const name of ['bars.parquet', 'physics.parquet', 'truth.json']) {
    expect(await readFile(join(other, name))).toEqual(await readFile(join(one, name)))
  }
})
