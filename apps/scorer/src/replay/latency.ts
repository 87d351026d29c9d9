import { PerformanceObserver } from 'node:perf_hooks'

/** Times of ticks and pauses of the garbage collector. Kept as they are: percentiles are exact. */
export interface LatencyReport {
  readonly ticks: number
  /** Milliseconds; null without ticks. */
  readonly p50: number | null
  readonly p99: number | null
  readonly worst: number | null
  /** Pauses of the garbage collector, their sum and the longest, milliseconds. */
  readonly gcPauses: number
  readonly gcTotal: number
  readonly gcWorst: number
}

/** Watches ticks. */
export interface LatencyWatch {
  readonly tick: (ms: number) => void
  /** Ends watching. */
  readonly finish: () => LatencyReport
}

/** Starts to watch, for at most `most` ticks; more are not kept. */
export function watchLatency(most: number): LatencyWatch {
  const times = new Float64Array(most)
  let count = 0
  const gc = { pauses: 0, total: 0, worst: 0 }
  const add = (entries: readonly { readonly duration: number }[]): void => {
    for (const { duration } of entries) {
      gc.pauses += 1
      gc.total += duration
      gc.worst = Math.max(gc.worst, duration)
    }
  }
  const observer = new PerformanceObserver((list) => add(list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  return {
    tick: (ms) => {
      if (count < most) times[count++] = ms
    },
    finish: () => {
      add(observer.takeRecords())
      observer.disconnect()
      const sorted = times.subarray(0, count).toSorted()
      const at = (share: number): number | null => sorted[Math.ceil(share * count) - 1] ?? null
      return {
        ticks: count,
        p50: at(0.5),
        p99: at(0.99),
        worst: at(1),
        gcPauses: gc.pauses,
        gcTotal: gc.total,
        gcWorst: gc.worst,
      }
    },
  }
}
