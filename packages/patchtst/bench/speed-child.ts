// One measurement in a process of its own: `train` or `predict`, width, layers, feed-forward, threads, and steps or the
// batch. Prints one line of JSON.
import process from 'node:process'
import { createPredictor, trainPatchTst } from '@breakwater/patchtst'
import { BATCH, speedData, speedModel } from './speed-data.ts'

const [kind, ...numbers] = process.argv.slice(2)
const [width = 16, layers = 3, feedForward = 128, threads = 1, last = 10] = numbers.map(Number)
const model = speedModel({ width, layers, feedForward }, 0.1)
const tasks = { direction: true, strength: true }
if (kind === 'train') await timeSteps(last)
else await timePredictions(last)

/** Wall and processor milliseconds of each step but the first, which loads the graph. */
async function timeSteps(steps: number): Promise<void> {
  const wall: number[] = []
  const cpu: number[] = []
  let [at, used] = [performance.now(), process.cpuUsage()]
  await trainPatchTst(speedData(BATCH * steps), undefined, {
    tasks,
    model,
    threads,
    epochs: 1,
    onStep: ({ step }) => {
      const spent = process.cpuUsage(used)
      if (step > 1) {
        wall.push(performance.now() - at)
        cpu.push((spent.user + spent.system) / 1000)
      }
      ;[at, used] = [performance.now(), process.cpuUsage()]
    },
  })
  print({ wall, cpu, peak: process.resourceUsage().maxRSS / 1024 })
}

/** Samples a second of wall and of processor time, in batches of `batchSize`. */
async function timePredictions(batchSize: number): Promise<void> {
  const trained = await trainPatchTst(speedData(BATCH), undefined, { tasks, model, epochs: 1, threads: 1 })
  const predictor = await createPredictor(trained.model, { batchSize, threads })
  const data = speedData(batchSize === 1 ? 256 : 1024)
  const wall: number[] = []
  const cpu: number[] = []
  for (let run = 0; run < 6; run++) {
    const [start, used] = [performance.now(), process.cpuUsage()]
    await predictor.predict(data)
    const spent = process.cpuUsage(used)
    if (run > 0) {
      wall.push((data.samples * 1000) / (performance.now() - start))
      cpu.push((data.samples * 1e6) / (spent.user + spent.system))
    }
  }
  await predictor.close()
  print({ wall, cpu, peak: process.resourceUsage().maxRSS / 1024 })
}

function print(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
