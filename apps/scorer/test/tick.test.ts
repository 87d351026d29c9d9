import { createViewportScorer, type ViewportPayload, type ViewportScorer } from '@breakwater/scorer'
import { describe, expect, test } from 'vitest'
import { answerTo } from '#src/serve/tick'

const VIEWPORT: ViewportPayload = {
  version: 2,
  utility: { order: 'utility_score', cost: 0.05 },
  ts: 5000,
  timeframe: '4min',
  models: { stage_a: null, stage_b: null },
  error: null,
  targets: [],
  rejected: [],
}

/** A scorer that gives every value the same viewport. */
const always = async (): Promise<ViewportScorer> => ({
  ...(await createViewportScorer()),
  viewportOf: () => VIEWPORT,
})
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const noLimit = { now: 1e12, most: 0 }

describe('answerTo', () => {
  test('adds a viewport to what it was given and keeps the rest', async () => {
    expect(answerTo(await always(), bytes('{"ts":5000,"venue":"X"}'), noLimit)).toEqual({
      payload: { ts: 5000, venue: 'X', viewport: VIEWPORT },
    })
  })

  test('with scoring off, passes it on as it is', async () => {
    expect(answerTo(await createViewportScorer(), bytes('{"ts":5000}'), noLimit)).toEqual({ payload: { ts: 5000 } })
  })

  test.each(['', '{', '[1]', '"text"', 'null', '7', '{"a":NaN}'])('drops %s as malformed', async (text) => {
    expect(answerTo(await always(), bytes(text), noLimit)).toEqual({
      dropped: 'malformed',
      message: 'is not a JSON object',
    })
  })

  test('drops what is too large or nested too deeply', async () => {
    const scorer = await always()
    const deep = `{"ts":5000,"unknown":${'['.repeat(5000)}${']'.repeat(5000)}}`
    expect(answerTo(scorer, bytes(deep), noLimit)).toEqual({
      dropped: 'too_deep',
      message: 'is nested more than 16 deep',
    })
    expect(answerTo(scorer, bytes(`{"a":"${'x'.repeat(1_048_576)}"}`), noLimit)).toEqual({
      dropped: 'too_large',
      message: 'has 1048584 bytes, and 1048576 are allowed',
    })
  })

  test('leaves nested data of unknown fields out of what is published', async () => {
    const text = '{"ts":5000,"meta":{"a":[1]},"note":"\\ud800","levels":[{"id":"a","extra":[]}]}'
    expect(answerTo(await always(), bytes(text), noLimit)).toEqual({
      payload: { ts: 5000, note: '\ud800', levels: [{ id: 'a' }], viewport: VIEWPORT },
    })
  })

  test('drops bytes that are no UTF-8', async () => {
    expect(answerTo(await always(), Uint8Array.of(0x7b, 0xff, 0x7d), noLimit)).toMatchObject({ dropped: 'malformed' })
  })

  test('drops what is older than allowed, and takes what is just as old', async () => {
    const scorer = await always()
    const limit = { now: 7000, most: 2000 }
    expect(answerTo(scorer, bytes('{"ts":4999}'), limit)).toEqual({
      dropped: 'late',
      message: 'is 2001 ms old, and 2000 are allowed',
    })
    expect(answerTo(scorer, bytes('{"ts":5000}'), limit)).toEqual({ payload: { ts: 5000, viewport: VIEWPORT } })
  })

  test('drops what some scorer has scored', async () => {
    expect(answerTo(await always(), bytes('{"ts":1,"viewport":null}'), noLimit)).toMatchObject({
      dropped: 'scored_before',
    })
  })
})
