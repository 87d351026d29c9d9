import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createViewportScorer, type IncomingBar } from '@breakwater/scorer'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { lastSession, optionsOf, readMarket } from './market.ts'
import { run, SCORER } from './run.ts'
import { serve, type Serving } from './serving.ts'

const folder = inject('models')
const scratch = mkdtempSync(join(tmpdir(), 'breakwater-history-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let bars: IncomingBar[]
beforeAll(async () => {
  bars = [...lastSession(await readMarket(folder), 15_000).history()]
})

const scaled = (bar: IncomingBar, by: number): IncomingBar => ({
  ...bar,
  open: bar.open * by,
  high: bar.high * by,
  low: bar.low * by,
  close: bar.close * by,
})
/** The bars with one of them, in the middle, a hundred times too high. */
const spiked = (): IncomingBar[] => bars.map((bar, i) => (i === Math.floor(bars.length / 2) ? scaled(bar, 100) : bar))

function csv(rows: readonly IncomingBar[]): string {
  const path = join(scratch, `bars-${Math.random().toString(36).slice(2)}.csv`)
  const lines = rows.map(
    ({ ts, open, high, low, close, volume }) =>
      `${new Date(ts).toISOString()},${open},${high},${low},${close},${volume}`,
  )
  writeFileSync(path, `time,open,high,low,close,volume\n${lines.join('\n')}\n`)
  return path
}

/** No server is there: only what happens before the bus is joined counts. */
const serving = (...more: readonly string[]): Serving => serve(folder, 'nats://127.0.0.1:9', more)

describe('bars from before the first snapshot', () => {
  let scorer: Serving | undefined
  afterEach(async () => {
    await scorer?.end()
    scorer = undefined
  })

  test('serve refuses a file that breaks a rule, by file, line and flag; the flag accepts it', async () => {
    const path = csv(spiked())
    const { code, err } = await serving('--bars', path).ended
    expect(code).not.toBe(0)
    expect(err).toContain(`features: bars=${path}:${Math.floor(bars.length / 2) + 2}: `)
    expect(err).toMatch(/\(rule bad-bar\)\. Repair it with --repair, or accept it with --accept bad-bar/)
    scorer = serving('--bars', path, '--accept', 'bad-bar')
    await scorer.url()
    expect(await scorer.end()).toBe(0)
    scorer = serving('--bars', path, '--repair')
    await scorer.url()
  })

  test('a rule that is none is refused', async () => {
    const { code, err } = await serving('--bars', csv(bars), '--accept', 'everything').ended
    expect(code).not.toBe(0)
    expect(err).toMatch(/scorer: --accept=everything: is no rule of bars\. Choose among bar-size, /)
  })

  test('replay refuses every second minute of bars, and accepts it when told to', async () => {
    const path = csv(bars.filter((_, i) => i % 2 === 0))
    const models = ['--model-dir', join(folder, 'boosted_trees'), '--retrieval-index', folder, '--physics', 'all']
    const replay = ['replay', '--bars', path, ...models, '--speed', '0', '--interval-ms', '60000', '--json']
    const refused = await run(SCORER, replay)
    expect(refused.code).not.toBe(0)
    expect(refused.err).toMatch(/rule bar-size/)
    const accepted = await run(SCORER, [...replay, '--accept', 'bar-size'])
    expect(accepted.code).toBe(0)
    expect(JSON.parse(accepted.out)).toMatchObject({ refused: 0 })
  })

  test('a scorer inside a program holds its history to the same rules', async () => {
    const made = createViewportScorer({ ...optionsOf(folder), history: spiked() })
    const time = new Date(bars[Math.floor(bars.length / 2)]?.ts ?? 0).toISOString()
    await expect(made).rejects.toThrow(
      new RegExp(
        `features: bars=bar \\d+ of ${bars.length}, ${time}: .*\\(rule bad-bar\\)\\. Correct the bars, or accept`,
      ),
    )
    const told = await createViewportScorer({ ...optionsOf(folder), history: spiked(), acceptBars: ['bad-bar'] })
    expect(told.status()).toMatchObject({ bars: { lastTs: bars.at(-1)?.ts } })
    const sound = await createViewportScorer({ ...optionsOf(folder), history: bars })
    expect(sound.status()).toMatchObject({ bars: { lastTs: bars.at(-1)?.ts } })
    const unordered = createViewportScorer({ ...optionsOf(folder), history: bars.toReversed() })
    await expect(unordered).rejects.toThrow(/features: bars=bar 2 of \d+, .* wrong/)
  })
})
