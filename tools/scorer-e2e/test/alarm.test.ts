import { findChromium, launchBrowser, openPage } from '@breakwater/browser'
import type { AlarmEvent, CalibrationEvent } from '@breakwater/monitor'
import { type NatsServer, startNatsServer } from '@breakwater/nats'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { nats, serve, stopped, warmSnapshots, withoutBus } from './serving.ts'

const models = inject('models')
const chromium = findChromium()

describe.skipIf(withoutBus || (chromium.path === undefined && chromium.maySkip))('an alarm', () => {
  let server: NatsServer
  let client: NatsConnection
  beforeEach(async () => {
    server = await startNatsServer({ path: nats.path ?? 'nats-server' })
    client = await connect({ servers: server.url })
  })
  afterEach(async () => {
    await client.close()
    await stopped(server)
  })

  test('is one event on the bus, one line of the log, the metric and one line on the page', async () => {
    const events: CalibrationEvent[] = []
    const alerts = client.subscribe('alerts.breakwater.>', {
      callback: (_, message) => {
        const alarm = message.json<AlarmEvent>()
        expect(message.subject).toBe(`alerts.breakwater.${alarm.kind}`)
        if (alarm.kind === 'calibration') events.push(alarm)
      },
    })
    await client.flush()
    const scorer = serve(models, server.url, ['--ui'])
    await scorer.said(/joined the bus/)
    // Price goes $3 both ways in every minute of the session, which nobody forecast.
    for (const [i, snapshot] of (await warmSnapshots(models, 160)).entries()) {
      const bars = (snapshot.bars ?? []).map((bar) => ({ ...bar, high: bar.high + 3, low: bar.low - 3 }))
      const sent = i === 0 || bars.length === 0 ? snapshot : { ...snapshot, bars }
      await client.request('viewport.score', JSON.stringify(sent), { timeout: 60_000 })
    }
    await client.flush()
    const heads = events.map(({ head }) => head)
    expect(heads.length).toBeGreaterThan(0)
    expect(new Set(heads).size).toBe(heads.length)
    expect(events.every(({ evidence, action }) => evidence >= 100 && action.length > 40)).toBe(true)
    expect(await scorer.metric('breakwater_calibration_alarms_total')).toBe(heads.length)
    for (const head of heads) {
      expect(await scorer.metric(`breakwater_calibration_alarm{head="${head}"}`)).toBe(1)
      expect(scorer.count(new RegExp(`"head":"${head}".*no longer calibrated`))).toBe(1)
    }
    expect(scorer.count(/no longer calibrated/)).toBe(heads.length)
    const browser = await launchBrowser(chromium.path ?? 'chromium')
    const opened = await openPage(browser, await scorer.url(), { width: 1280 })
    await opened.page.waitForSelector('#health:not([hidden])')
    const lines = await opened.page.$$eval('#health-alarms li', (items) => items.map(({ textContent }) => textContent))
    const said = lines.filter((line) => line.includes('no longer calibrated'))
    expect(said).toHaveLength(heads.length)
    for (const { message, action } of events)
      expect(said.some((line) => line.endsWith(`${message} ${action}`))).toBe(true)
    await opened.close()
    await browser.close()
    alerts.unsubscribe()
    expect(await scorer.end()).toBe(0)
  }, 600_000)
})
