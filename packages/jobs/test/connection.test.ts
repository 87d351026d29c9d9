import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectionOf } from '@breakwater/jobs/connection'
import { joinBus } from '@breakwater/jobs/jetstream'
import { expect, test } from 'vitest'

const options = async (...given: Parameters<typeof connectionOf>): Promise<object> => {
  const { options: found } = await connectionOf(given[0], given[1] ?? {})
  const { maxReconnectAttempts, reconnectTimeWait, ...rest } = found
  expect({ maxReconnectAttempts, reconnectTimeWait }).toEqual({ maxReconnectAttempts: -1, reconnectTimeWait: 250 })
  return rest
}

test('a URL carries server, user and password, or a token; what is shown carries none of them', async () => {
  expect(await options({})).toEqual({ servers: ['127.0.0.1:4222'] })
  expect(await options({ servers: ['nats://ann:p%40ss@bus:4333', 'other:4222'] })).toEqual({
    servers: ['bus:4333', 'other:4222'],
    user: 'ann',
    pass: 'p@ss',
  })
  expect(await options({ servers: ['nats://s3cret@bus:4222'] })).toEqual({ servers: ['bus:4222'], token: 's3cret' })
  const { shown } = await connectionOf({ servers: ['nats://ann:secret@bus:4333', 'nats://tok@b2:1'] }, {})
  expect(shown).toBe('bus:4333, b2:1')
})

test('the environment says what the address does not', async () => {
  const env = { NATS_URL: 'tls://bus:4222', NATS_USER: 'ann', NATS_PASSWORD: 'pw', NATS_TOKEN: 't', NATS_CA: '/ca.pem' }
  expect(await options({}, env)).toEqual({ servers: ['bus:4222'], user: 'ann', pass: 'pw', tls: { caFile: '/ca.pem' } })
  expect(await options({ servers: ['nats://bob:x@b:1'], ca: '/other.pem' }, env)).toEqual({
    servers: ['b:1'],
    user: 'bob',
    pass: 'x',
    tls: { caFile: '/other.pem' },
  })
  expect(await options({ servers: ['tls://b:1'], cert: 'c.pem', key: 'k.pem' })).toEqual({
    servers: ['b:1'],
    tls: { certFile: 'c.pem', keyFile: 'k.pem' },
  })
  expect(await options({}, { NATS_TOKEN: 't' })).toEqual({ servers: ['127.0.0.1:4222'], token: 't' })
})

test('a credentials file wins over a user, and one that is not there is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-creds-'))
  const creds = join(folder, 'user.creds')
  writeFileSync(creds, 'x')
  const found = await options({ creds }, { NATS_USER: 'ann' })
  expect(Object.keys(found)).toEqual(['servers', 'authenticator'])
  rmSync(folder, { recursive: true })
  await expect(connectionOf({ creds: '/nowhere/user.creds' }, {})).rejects.toThrow(
    'jobs: creds=/nowhere/user.creds: the credentials file cannot be read. Pass the path of one.',
  )
})

test('what is no URL is refused without showing what may be a password, and an absent server is named', async () => {
  const failure = connectionOf({ servers: ['http://ann:secret@bus'] }, {})
  await expect(failure).rejects.toThrow('jobs: a server is no URL such as nats://host:4222')
  await expect(failure).rejects.not.toThrow('secret')
  await expect(joinBus({ servers: ['nats://ann:secret@127.0.0.1:1'] }, 'test', {})).rejects.toThrow(
    'jobs: 127.0.0.1:1: no NATS server answers. Start one with JetStream (nats-server -js), or correct the address.',
  )
})
