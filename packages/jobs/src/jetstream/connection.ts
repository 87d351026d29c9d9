import { readFile } from 'node:fs/promises'
import {
  AuthorizationError,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node'

/** Where the bus is and who we are there; each field else comes from the environment, by the names of the `nats` command. */
export interface BusAddress {
  /** URLs such as `nats://host:4222`, `tls://host`, `nats://user:password@host`, or `nats://token@host`. Else NATS_URL. */
  readonly servers?: readonly string[] | undefined
  /** Path of a credentials file. Else NATS_CREDS. */
  readonly creds?: string | undefined
  /** Paths of certificates and a key in PEM, for TLS. Else NATS_CA, NATS_CERT and NATS_KEY. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

const LOCAL = 'nats://127.0.0.1:4222'
const RECONNECT_MS = 250

/** The options of a connection, and the servers as they may be shown: without a user, a password or a token. */
export interface BusConnection {
  readonly options: NodeConnectionOptions
  readonly shown: string
}

/**
 * What an address comes to. A user and a password of a URL win over NATS_USER and NATS_PASSWORD, and NATS_TOKEN comes last. TLS is
 * asked for where a URL or a certificate does. Throws where a file cannot be read or a URL is none.
 */
export async function connectionOf(address: BusAddress, env: NodeJS.ProcessEnv = process.env): Promise<BusConnection> {
  const urls = (address.servers ?? env['NATS_URL']?.split(',') ?? [LOCAL]).map((server) => urlOf(server.trim()))
  const user = urls.find(({ username }) => username !== '')
  const creds = address.creds ?? env['NATS_CREDS']
  const [caFile, certFile, keyFile] = [
    address.ca ?? env['NATS_CA'],
    address.cert ?? env['NATS_CERT'],
    address.key ?? env['NATS_KEY'],
  ]
  const tls = { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) }
  const secured = urls.some(({ protocol }) => protocol === 'tls:') || Object.keys(tls).length > 0
  const servers = urls.map(({ host }) => host)
  return {
    shown: servers.join(', '),
    options: {
      servers,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      ...(secured ? { tls } : {}),
      ...(creds === undefined || creds === ''
        ? identityOf(user, env)
        : { authenticator: credsAuthenticator(await credsIn(creds)) }),
    },
  }
}

function urlOf(server: string): URL {
  const url = URL.parse(server.includes('://') ? server : `nats://${server}`)
  if (url === null || !['nats:', 'tls:'].includes(url.protocol) || url.host === '') {
    throw new Error('jobs: a server is no URL such as nats://host:4222 or tls://host:4222. Correct it.')
  }
  return url
}

function identityOf(
  url: URL | undefined,
  env: NodeJS.ProcessEnv,
): Pick<NodeConnectionOptions, 'user' | 'pass' | 'token'> {
  if (url !== undefined) {
    const user = decodeURIComponent(url.username)
    return url.password === '' ? { token: user } : { user, pass: decodeURIComponent(url.password) }
  }
  const [user, pass, token] = [env['NATS_USER'], env['NATS_PASSWORD'], env['NATS_TOKEN']]
  if (user) return { user, ...(pass === undefined ? {} : { pass }) }
  return token ? { token } : {}
}

function credsIn(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new Error(`jobs: creds=${path}: the credentials file cannot be read. Pass the path of one.`, { cause })
  })
}

/** Joins the bus; `name` is what its server calls us. Throws where no server answers, and where one refuses. */
export async function joinBus(address: BusAddress, name: string, env?: NodeJS.ProcessEnv): Promise<NatsConnection> {
  const { options, shown } = await connectionOf(address, env)
  try {
    // A worker that asks who else works on a job must not hear itself.
    return await connect({ ...options, noEcho: true, name })
  } catch (cause) {
    const refused = cause instanceof AuthorizationError
    const fix = refused
      ? 'Pass a credentials file, or user and password.'
      : 'Start one with JetStream (nats-server -js), or correct the address.'
    throw new Error(`jobs: ${shown}: ${refused ? 'the server refuses us' : 'no NATS server answers'}. ${fix}`, {
      cause,
    })
  }
}
