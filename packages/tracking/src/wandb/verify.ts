import { WandbAuthError } from '../configuration.ts'

/** How W&B is asked whether it takes a key. */
export interface WandbVerifyOptions {
  readonly apiKey: string
  /** Default https://api.wandb.ai. */
  readonly baseUrl?: string | undefined
  readonly fetch: typeof fetch
  /** A signal that aborts after so many milliseconds. */
  readonly timeout: (milliseconds: number) => AbortSignal
}

const ANSWER_TIME = 10_000

/**
 * Asks W&B who the key belongs to, before a job begins. Throws a {@link WandbAuthError} where it does not take the key.
 * Resolves to false where it cannot be asked: a network that is down stops no job.
 */
export async function verifyWandbKey({ apiKey, baseUrl, fetch: send, timeout }: WandbVerifyOptions): Promise<boolean> {
  const url = `${(baseUrl ?? 'https://api.wandb.ai').replace(/\/+$/, '')}/graphql`
  const credentials = Buffer.from(`api:${apiKey}`).toString('base64')
  let status: number
  try {
    const response = await send(url, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'query Viewer { viewer { id } }' }),
      redirect: 'error',
      signal: timeout(ANSWER_TIME),
    })
    status = response.status
    await response.body?.cancel()
  } catch {
    return false
  }
  if (status === 401 || status === 403) throw new WandbAuthError(`${url} does not take the API key (HTTP ${status})`)
  return status < 400
}
