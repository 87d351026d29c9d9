import { createPatience } from '@breakwater/tracking'
import { expect, test } from 'vitest'
import { deferred, manualTimer } from './manual-timer.ts'

const never = new Promise<void>(() => undefined)

test('work that ends in time is waited for, and only the time of waiting counts', async () => {
  const timer = manualTimer()
  const patience = createPatience(1000, timer)
  const work = deferred()
  const waited = patience.wait(work.promise)
  timer.pass(400)
  work.resolve()
  expect(await waited).toBe(true)
  // What passes while nobody waits is free.
  timer.pass(60_000)
  const again = patience.wait(never)
  expect(timer.alarms()).toEqual([600])
  timer.pass(600)
  expect(await again).toBe(false)
  expect(timer.alarms()).toEqual([])
})

test('when time has run out nothing is waited for any more, not even a failure', async () => {
  const timer = manualTimer()
  const patience = createPatience(1000, timer)
  const first = patience.wait(never)
  timer.pass(1000)
  expect(await first).toBe(false)
  expect(await patience.wait(never)).toBe(false)
  expect(await patience.wait(Promise.reject(new Error('too late')))).toBe(false)
  expect(timer.alarms()).toEqual([])
})

test('two waits at the same time count once', async () => {
  const timer = manualTimer()
  const patience = createPatience(1000, timer)
  const [one, other] = [deferred(), deferred()]
  const waits = [patience.wait(one.promise), patience.wait(other.promise)]
  timer.pass(300)
  one.resolve()
  await waits[0]
  timer.pass(300)
  other.resolve()
  await waits[1]
  void patience.wait(never)
  expect(timer.alarms()).toEqual([400])
})

test('a failure in time is the caller’s, and its time counts too', async () => {
  const timer = manualTimer()
  const patience = createPatience(1000, timer)
  const work = deferred()
  const waited = patience.wait(work.promise)
  timer.pass(700)
  work.reject(new Error('refused'))
  await expect(waited).rejects.toThrow('refused')
  void patience.wait(never)
  expect(timer.alarms()).toEqual([300])
})

test('without any patience nothing is waited for', async () => {
  const timer = manualTimer()
  expect(await createPatience(0, timer).wait(Promise.resolve())).toBe(false)
  expect(timer.alarms()).toEqual([])
})
