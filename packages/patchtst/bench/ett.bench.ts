// Forecasts of ETTh1 and ETTm1, look-back 336 and horizon 96, as in the paper (Nie et al. 2023, table 3: MSE 0.375 and 0.290):
// its splits and scaling, all test windows kept. The validation months choose the epoch; the test months are scored once.
// Run with: npm run bench -- ett --set ETTh1, and --width, --epochs ... to change the network; it needs ../shared/data/ett.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { predictPatchTst, trainPatchTst } from '@breakwater/patchtst'
import type { ModelOptions } from '@breakwater/patchtst'
import { forecastErrors, readEtt } from './ett-data.ts'
import type { EttName } from './ett-data.ts'

const LENGTH = 336
const HORIZON = 96

const { values: given } = parseArgs({
  strict: false,
  options: {
    set: { type: 'string', default: 'ETTh1' },
    width: { type: 'string', default: '16' },
    heads: { type: 'string', default: '4' },
    'feed-forward': { type: 'string', default: '128' },
    layers: { type: 'string', default: '3' },
    stride: { type: 'string', default: '8' },
    dropout: { type: 'string', default: '0.3' },
    epochs: { type: 'string', default: '100' },
    patience: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1e-4' },
    decay: { type: 'string', default: '0' },
    batch: { type: 'string', default: '128' },
    schedule: { type: 'string', default: 'one-cycle' },
    seed: { type: 'string', default: '2021' },
    threads: { type: 'string', default: '1' },
    checkpoint: { type: 'string' },
  },
})
const number = (name: string): number => Number(given[name])
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const set = String(given['set']) as EttName
const path = fileURLToPath(new URL(`../../../../shared/data/ett/${set}.csv`, import.meta.url))
if (existsSync(path)) await run(path)
else print(`not run: ../shared/data/ett/${set}.csv is absent`)

async function run(file: string): Promise<void> {
  const { train, validation, test } = readEtt(set, file, LENGTH, HORIZON)
  const model: ModelOptions = {
    width: number('width'),
    heads: number('heads'),
    feedForward: number('feed-forward'),
    layers: number('layers'),
    stride: number('stride'),
    dropout: number('dropout'),
  }
  print(`${set}: ${train.samples} / ${validation.samples} / ${test.samples} windows, ${JSON.stringify(given)}`)
  const start = performance.now()
  const seconds = (): string => `${Math.round((performance.now() - start) / 1000)} s`
  const result = await trainPatchTst(train, validation, {
    tasks: { forecast: HORIZON },
    model,
    epochs: number('epochs'),
    patience: number('patience'),
    batchSize: number('batch'),
    learningRate: number('rate'),
    weightDecay: number('decay'),
    schedule: given['schedule'] === 'cosine' ? 'cosine' : 'one-cycle',
    clipNorm: 0,
    seed: number('seed'),
    threads: number('threads'),
    ...(typeof given['checkpoint'] === 'string' && { checkpoint: given['checkpoint'] }),
    onEpoch: ({ epoch, trainLoss, validationLoss, best }) =>
      print(
        `  epoch ${epoch}: train ${trainLoss.toFixed(4)}, validation ${validationLoss?.toFixed(4)}${best ? ' best' : ''}, ${seconds()}`,
      ),
  })
  const { forecast = new Float32Array() } = await predictPatchTst(result.model, test)
  const { mse, mae } = forecastErrors(forecast, test)
  print(`  best epoch ${result.bestEpoch}: test MSE ${mse.toFixed(4)}, MAE ${mae.toFixed(4)}, ${seconds()}`)
}
