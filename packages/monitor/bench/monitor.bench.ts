// What watching costs a tick, whether memory stays flat, and how often alarms are raised in simulated sessions.
// --ticks N (default 1,000,000), --runs N (default 1,000; 0 leaves the simulation out).
import { parseArgs } from 'node:util'
import type { MinuteBar } from '@breakwater/features'
import { createMonitor, questionsOf, type PublishedForecast } from '@breakwater/monitor'
import { firstAlarm, oracle, type SimulatedHead } from './simulation.ts'

const { values } = parseArgs({
  options: { ticks: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '1000' } },
})
const [ticks, runs] = [Number(values.ticks), Number(values.runs)]
const say = (text: string): boolean => process.stdout.write(`${text}\n`)
const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN

/** Ticks of 250 ms through sessions of 2025, eight targets at each, every question of every target forecast. */
function watchTicks(count: number): void {
  const questions = questionsOf()
  const monitor = createMonitor({ questions })
  const costs = new Float64Array(count)
  let date = Date.parse('2025-01-02T14:30:00Z')
  let [done, price] = [0, 600]
  const heaps: number[] = []
  while (done < count) {
    const open = BigInt(date) * 1_000_000n
    let bars: MinuteBar[] = []
    for (let i = 0; i < 93_600 && done < count; i++, done++) {
      price += (((i * 7919) % 101) - 50) / 2500
      const tsNs = open + BigInt(i) * 250_000_000n
      const spot = price
      const forecasts = (): PublishedForecast[] =>
        Array.from({ length: 8 }, (_, level) => ({
          levelId: `L${level}`,
          kind: 'ROUND',
          price: Math.round(spot) + level - 4,
          sign: level < 4 ? -1 : 1,
          tsNs,
          fromNs: tsNs,
          touchNs: tsNs,
          spot,
          values: Float64Array.from(questions, (_question, q) => 0.05 + ((i + q * 31 + level * 7) % 90) / 100),
          labels: {},
        }))
      const start = performance.now()
      monitor.tick({ tsNs, spot, bars, forecasts })
      costs[done] = performance.now() - start
      bars = []
      if (i % 240 === 239) {
        const minute = Number(tsNs / 60_000_000_000n)
        bars = [{ minute, open: price, high: price + 0.4, low: price - 0.4, close: price, volume: 1 }]
      }
      if (done % 100_000 === 0) {
        globalThis.gc?.()
        heaps.push(process.memoryUsage().heapUsed / 2 ** 20)
      }
    }
    date += 24 * 3_600_000
  }
  const sorted = costs.toSorted()
  const us = (share: number): string => `${(1000 * quantile(sorted, share)).toFixed(1)} us`
  say(
    `${count} ticks, 8 targets, ${questions.length} questions: p50 ${us(0.5)}, p99 ${us(0.99)}, p99.9 ${us(0.999)}, worst ${us(1)}`,
  )
  say(`${monitor.counts.answered} answers, ${monitor.counts.masked} masked, ${monitor.open} open`)
  say(`heap after every 100,000 ticks, MiB: ${heaps.map((mib) => mib.toFixed(1)).join(' ')}`)
}

const stable: SimulatedHead = { sessions: 250, votes: 48, levels: 8, dependence: 0, shift: 0, from: 0 }

function simulate(count: number): void {
  const seeds = Array.from({ length: count }, (_, i) => i)
  for (const dependence of [0, 0.6, 1]) {
    const alarms = seeds.filter((seed) => firstAlarm(seed, { ...stable, dependence }) < Infinity).length
    say(`250 stable sessions, dependence ${dependence}: ${alarms} of ${count} runs raise an alarm at the 1% level`)
  }
  const few = seeds.slice(0, Math.ceil(count / 10))
  for (const [votes, window] of [[390, '60 s'] as const, [78, '300 s'] as const, [48, '480 s'] as const]) {
    for (const dependence of [0, 0.5]) {
      for (const shift of [0.05, 0.03]) {
        const planted = { sessions: 80, votes, levels: 8, dependence, shift, from: 20 }
        const delays = Float64Array.from(few, (seed) => firstAlarm(seed, planted) - planted.from).toSorted()
        const at = (share: number): string => quantile(delays, share).toFixed(2)
        const best = dependence === 0 ? few.map((seed) => oracle(seed, planted)) : []
        const nats = best.reduce((sum, one) => sum + one.nats / one.sessions, 0) / best.length
        const soonest = quantile(Float64Array.from(best, ({ delay }) => delay).toSorted(), 0.5)
        const bound =
          best.length === 0
            ? ''
            : `; the best possible test: ${soonest.toFixed(2)}, of ${nats.toFixed(2)} nats a session and ${Math.log(100).toFixed(2)} needed`
        say(
          `window ${window}, dependence ${dependence}, shift of ${100 * shift} points: found after ${at(0.5)} sessions at the median, ${at(0.9)} in nine of ten (${few.length} runs)${bound}`,
        )
      }
    }
  }
}

watchTicks(ticks)
if (runs > 0) simulate(runs)
