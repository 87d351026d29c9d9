import { findNatsServer, startNatsServer } from '@breakwater/nats'
import { connect } from '@nats-io/transport-node'
import { describe, expect, test } from 'vitest'

const found = findNatsServer()

describe('findNatsServer', () => {
  test('takes the program that BREAKWATER_NATS names, and refuses one that is not there', () => {
    expect(findNatsServer({ BREAKWATER_NATS: process.execPath })).toEqual({ path: process.execPath })
    expect(() => findNatsServer({ BREAKWATER_NATS: '/nowhere/nats-server' })).toThrow(
      'nats: BREAKWATER_NATS=/nowhere/nats-server: no such file. Name a nats-server, or unset it',
    )
  })

  test('lets tests skip where there is none, but not in CI unless it was switched off', () => {
    const reason = 'no nats-server on the PATH: run `npm run nats`, or name one in BREAKWATER_NATS'
    expect(findNatsServer({ PATH: '/nowhere' }, [])).toEqual({ path: undefined, reason, maySkip: true })
    expect(findNatsServer({ PATH: '/nowhere', CI: 'true' }, [])).toMatchObject({ maySkip: false })
    expect(findNatsServer({ CI: 'true', BREAKWATER_NATS: 'off' })).toMatchObject({ maySkip: true })
  })
})

describe.skipIf(found.path === undefined && found.maySkip)('startNatsServer', () => {
  const path = found.path ?? 'nats-server'

  test('a server carries messages, can be killed, and comes back on the same port', async () => {
    const first = await startNatsServer({ path })
    const client = await connect({ servers: first.url, reconnectTimeWait: 20 })
    const echoes = client.subscribe('echo', { callback: (_, message) => void message.respond(message.data) })
    expect((await client.request('echo', 'one', { timeout: 60_000 })).string()).toBe('one')
    const reconnected = (async () => {
      for await (const status of client.status()) if (status.type === 'reconnect') return status.server
      return 'closed'
    })()
    await first.kill()
    const second = await startNatsServer({ path, port: first.port })
    expect(await reconnected).toBe(`127.0.0.1:${first.port}`)
    expect((await client.request('echo', 'two', { timeout: 60_000 })).string()).toBe('two')
    echoes.unsubscribe()
    await client.close()
    await second.stop()
    await second.stop()
  })

  test('waiting for a line of its log ends with the server', async () => {
    const server = await startNatsServer({ path })
    const waiting = server.logged(/never said/)
    const stopped = server.stop()
    await expect(waiting).rejects.toThrow('nats: the server ended before its log said /never said/')
    await stopped
  })
})
