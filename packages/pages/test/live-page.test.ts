import { createLivePage, type PageFile } from '@breakwater/pages/live'
import { expect, test } from 'vitest'
import { barAt, OPEN_MS, payloadAt, targetWith } from './targets.ts'

const textOf = (file: PageFile | null): string => Buffer.from(file?.body ?? '').toString()

test('serves its files under their names and nothing else', async () => {
  const page = await createLivePage()
  const { type, body } = page.read('/') ?? { type: '', body: new Uint8Array() }
  expect(type).toBe('text/html; charset=utf-8')
  const html = Buffer.from(body).toString()
  // What the page asks for is there, and it asks nobody else.
  const asked = [...html.matchAll(/(?:src|href)="(?<path>[^"#]+)"/g)].map(({ groups }) => groups?.['path'] ?? '')
  expect(asked.filter((path) => path.startsWith('/'))).toEqual(['/page.css', '/live.js'])
  for (const path of ['/page.css', '/live.js']) expect(page.read(path)).not.toBeNull()
  for (const path of ['/live', '/../package.json', '/constructor', '/session/', '//'])
    expect(page.read(path)).toBeNull()
})

test('its script names the charting library and its licence', async () => {
  const script = textOf((await createLivePage()).read('/live.js'))
  expect(script).toContain('Copyright (c) 2026 TradingView, Inc.')
  expect(script).toContain('Apache License')
  expect(script).not.toMatch(/sourceMappingURL|\beval\(|new Function/)
})

test('answers for the session, a touch and a level, history first', async () => {
  const page = await createLivePage({ history: [barAt(-10, 498, 499)], thresholds: [0.5, 1] })
  const target = targetWith({ touch_ts_ns: OPEN_MS * 1e6 })
  page.push(payloadAt(1, [target], { bars: [barAt(0, 499, 500)] }), () => '{}')
  const read = (url: string): unknown => JSON.parse(textOf(page.read(url)))
  expect(read('/session?since=0')).toMatchObject({
    thresholds: [0.5, 1],
    bars: [{ low: 498 }, { low: 499 }],
    touches: [{ levelId: target.level_id }],
  })
  expect(read('/session?since=nonsense')).toEqual(read('/session'))
  expect(read(`/touch?id=${encodeURIComponent(`${target.level_id}@${OPEN_MS}`)}`)).toMatchObject({
    atTouch: { p_break: 0.2 },
    atConfirmation: null,
  })
  expect(read('/touch?id=none')).toBeNull()
  expect(read(`/probabilities?level=${target.level_id}`)).toEqual([
    { ts: OPEN_MS + 60_000, tradeable: 0.5, breaks: 0.2, bounces: 0.3 },
  ])
})
