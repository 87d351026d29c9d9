// An operator, an account and a user as `nsc` makes them: the server's configuration that trusts the operator, and the user's
// credentials file. The tokens are JSON web tokens that nkeys sign (docs.nats.io, "JWTs").
import { nkeys } from '@nats-io/transport-node'

type Keys = ReturnType<typeof nkeys.createOperator>

const base64url = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')

/** A token about `subject` that `issuer` signs. */
function token(subject: Keys, issuer: Keys, name: string, claims: Readonly<Record<string, unknown>>): string {
  const body = {
    jti: name,
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    name,
    sub: subject.getPublicKey(),
    nats: { version: 2, ...claims },
  }
  const signed = `${base64url(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }))}.${base64url(JSON.stringify(body))}`
  return `${signed}.${base64url(issuer.sign(Buffer.from(signed)))}`
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 }
const ACCOUNT = {
  ...UNLIMITED,
  imports: -1,
  exports: -1,
  wildcards: true,
  conn: -1,
  leaf: -1,
  mem_storage: -1,
  disk_storage: -1,
  streams: -1,
  consumer: -1,
}

/** What a server and a user are given. */
export interface Credentials {
  /** Lines of the server's configuration. */
  readonly config: string
  /** Content of the credentials file. */
  readonly creds: string
  /** The user's secret, which must be nowhere else. */
  readonly seed: string
}

/** Makes an operator with a system account, and an account with JetStream and one user. */
export function makeCredentials(): Credentials {
  const [operator, system, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ]
  const systemKey = system.getPublicKey()
  const accounts = {
    [systemKey]: token(system, operator, 'SYS', {
      type: 'account',
      limits: { ...ACCOUNT, disk_storage: 0, mem_storage: 0, streams: 0, consumer: 0 },
    }),
    [account.getPublicKey()]: token(account, operator, 'JOBS', { type: 'account', limits: ACCOUNT }),
  }
  const preload = Object.entries(accounts).map(([key, jwt]) => `${key}: ${jwt}`)
  const seed = Buffer.from(user.getSeed()).toString()
  const jwt = token(user, account, 'ann', { type: 'user', ...UNLIMITED, sub: {}, pub: {} })
  return {
    config: `operator: ${token(operator, operator, 'OP', { type: 'operator', system_account: systemKey })}
      system_account: ${systemKey}
      resolver: MEMORY
      resolver_preload: { ${preload.join('\n')} }`,
    creds: `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    seed,
  }
}
