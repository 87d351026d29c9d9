// Servers that ask who is there: TLS with certificates on both sides, user and password, a token, and a credentials file.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BusAddress, withWorkers } from '@breakwater/jobs/jetstream'
import { type NatsServer, startNatsServer } from '@breakwater/nats'
import { afterEach, describe, expect, test } from 'vitest'
import { makeCredentials } from './credentials.ts'
import { folder, undo, undoAll } from './place.ts'
import { dataIn, HASTE, jobsOn, runAll, SERVER, startWorker } from './rig.ts'

const OPENSSL = 'openssl'

afterEach(undoAll)

/** A self-signed certificate and its key, made for `localhost`; null without openssl. */
function certificate(path: string, name: string): { readonly cert: string; readonly key: string } | null {
  const [cert, key] = [join(path, `${name}.pem`), join(path, `${name}-key.pem`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
  const made = spawnSync(OPENSSL, [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    ...subject,
    '-keyout',
    key,
    '-out',
    cert,
  ])
  return made.status === 0 ? { cert, key } : null
}

/** Starts a server, has a worker process and a starter do three jobs as who they say they are, and looks for secrets in its store. */
async function worksAs(
  path: string,
  config: string,
  who: (port: number) => {
    readonly url: string
    readonly env: Readonly<Record<string, string>>
    readonly address: BusAddress
  },
  secret: string,
): Promise<{
  readonly server: NatsServer
  readonly joins: (address: BusAddress, env?: NodeJS.ProcessEnv) => Promise<unknown>
}> {
  const store = join(path, 'store')
  const server = await startNatsServer({
    path: SERVER ?? '',
    config: `jetstream { store_dir: ${JSON.stringify(store)} }\n${config}`,
  })
  undo.push(() => server.stop())
  const data = dataIn(join(path, 'input'))
  const { url, env, address } = who(server.port)
  for (const [name, value] of Object.entries(env)) {
    process.env[name] = value
    undo.push(() => delete process.env[name])
  }
  const worker = await startWorker(url, join(path, 'w0'), 'w0')
  undo.push(async () => {
    worker.signal('SIGKILL')
    await worker.ended
  })
  const common = {
    filesOf: () => Promise.resolve(data),
    sharedFolder: null,
    command: 'test',
    clock: Date.now,
    patience: HASTE,
  }
  const { hashes } = await withWorkers({ address, env, ...common }, (executor) =>
    runAll(jobsOn(data, 3), executor, path),
  )
  expect(hashes.size).toBe(3)
  for (const file of readdirSync(store, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())) {
    expect(readFileSync(join(file.parentPath, file.name)).includes(secret)).toBe(false)
  }
  return {
    server,
    joins: (other, otherEnv = {}) => withWorkers({ address: other, env: otherEnv, ...common }, () => Promise.resolve()),
  }
}

const REFUSED = 'the server refuses us. Pass a credentials file, or user and password.'

describe.skipIf(SERVER === undefined)('a server that asks who we are', () => {
  test('is told by user and password in the URL or the environment, under TLS, and stores neither', async () => {
    const path = folder()
    const made = certificate(path, 'localhost')
    if (made === null) return
    const config = `tls { cert_file: ${JSON.stringify(made.cert)}, key_file: ${JSON.stringify(made.key)} }
      authorization { users: [{ user: ann, password: "p@ss-w0rd" }] }`
    let servers: string[] = []
    const who = (port: number) => {
      servers = [`localhost:${port}`]
      return {
        url: `tls://ann:p%40ss-w0rd@localhost:${port}`,
        env: { NATS_CA: made.cert, NATS_USER: 'ann', NATS_PASSWORD: 'p@ss-w0rd' },
        address: { servers },
      }
    }
    const { joins } = await worksAs(path, config, who, 'p@ss-w0rd')
    const wrong = joins({ servers }, { NATS_CA: made.cert, NATS_USER: 'ann', NATS_PASSWORD: 'wrong-one' })
    await expect(wrong).rejects.toThrow(`jobs: ${servers[0]}: ${REFUSED}`)
    // Its certificate is not one that anybody vouches for.
    await expect(joins({ servers: [`tls://ann:p%40ss-w0rd@${servers[0]}`] })).rejects.toThrow(
      `jobs: ${servers[0]}: no NATS server answers.`,
    )
  })

  test('is shown a certificate, and takes nobody without one', async () => {
    const path = folder()
    const [made, own] = [certificate(path, 'localhost'), certificate(path, 'ann')]
    if (made === null || own === null) return
    const config = `tls { cert_file: ${JSON.stringify(made.cert)}, key_file: ${JSON.stringify(made.key)}, ca_file: ${JSON.stringify(own.cert)}, verify: true }`
    let servers: string[] = []
    const who = (port: number) => {
      servers = [`tls://localhost:${port}`]
      return {
        url: `tls://localhost:${port}`,
        env: { NATS_CA: made.cert, NATS_CERT: own.cert, NATS_KEY: own.key },
        address: { servers, ca: made.cert, cert: own.cert, key: own.key },
      }
    }
    const { server, joins } = await worksAs(path, config, who, readFileSync(own.key, 'utf8').slice(40, 80))
    // The client waits out its time; the server says at once what it lacks.
    void joins({ servers, ca: made.cert }).catch(() => undefined)
    expect(await server.logged(/TLS handshake error: /)).toContain('certificate')
  })

  test('is convinced by a credentials file, as nsc makes it, whose seed it never sees', async () => {
    const path = folder()
    const { config, creds, seed } = makeCredentials()
    const file = join(path, 'user.creds')
    writeFileSync(file, creds)
    let servers: string[] = []
    const who = (port: number) => {
      servers = [`127.0.0.1:${port}`]
      return { url: `nats://127.0.0.1:${port}`, env: { NATS_CREDS: file }, address: { servers, creds: file } }
    }
    const { joins } = await worksAs(path, config, who, seed)
    await expect(joins({ servers })).rejects.toThrow(`jobs: ${servers[0]}: ${REFUSED}`)
    const other = join(path, 'other.creds')
    writeFileSync(other, makeCredentials().creds)
    await expect(joins({ servers, creds: other })).rejects.toThrow(`jobs: ${servers[0]}: ${REFUSED}`)
  })
})
