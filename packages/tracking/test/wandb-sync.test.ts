import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { redactor, verifyWandbKey, WandbAuthError, wandbSync } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { temporaryFolder } from './temporary.ts'

const KEY = 'k'.repeat(20) + '0123456789abcdef0123'

/** A program that stands for `wandb`: runs this JavaScript. */
function program(source: string): string {
  const path = join(temporaryFolder(), 'wandb')
  writeFileSync(path, `#!${process.execPath}\n${source}\n`)
  chmodSync(path, 0o755)
  return path
}

async function sync(command: string): Promise<string[]> {
  const lines: string[] = []
  await wandbSync('the-run', {
    env: { PATH: process.env['PATH'] },
    apiKey: KEY,
    baseUrl: 'http://127.0.0.1:9',
    command,
    show: (line) => void lines.push(line),
    redact: redactor([KEY]),
  })
  return lines
}

test('the program gets the folder as argument and the key in its environment, and its words are shown without the key', async () => {
  const command = program(
    `console.log(process.argv.slice(2).join(' '));
     console.error(process.env.WANDB_API_KEY, process.env.WANDB_MODE, process.env.WANDB_BASE_URL);
     process.stdout.write('no line end')`,
  )
  const lines = await sync(command)
  expect(lines.toSorted()).toEqual(['*** online http://127.0.0.1:9', 'no line end', 'sync the-run'])
})

test('without the program the run stays on disk, and the words say how to upload it', async () => {
  expect(await sync(join(temporaryFolder(), 'no-wandb'))).toEqual([
    expect.stringMatching(
      /is not installed: the run is kept in the-run. Install it \(pip install wandb\), then upload the run: wandb sync the-run$/,
    ),
  ])
})

test('a key that W&B does not take is an auth failure with its fix, and the key is not in it', async () => {
  const command = program(
    `console.error('wandb: ERROR Error uploading: HTTP 401: key ${KEY} is not authorized'); process.exit(1)`,
  )
  const error = await sync(command).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(WandbAuthError)
  expect(String(error)).toMatch(
    /W&B auth failure: wandb sync was refused; the run is kept in the-run.*HTTP 401: key \*\*\*/s,
  )
  expect(String(error)).toContain('Set WANDB_API_KEY (or put the key alone into wandb.txt), or set WANDB_MODE=offline.')
  expect(String(error)).not.toContain(KEY)
})

/** What wandb 0.31.0 says first. */
const LOADED = `console.error('wandb: [wandb sync] Loaded credentials for http://127.0.0.1:9 from WANDB_API_KEY.');`

test('the words of W&B’s own program about a refused key are recognised, and those about other trouble are not', async () => {
  const refused = program(`${LOADED} console.error('wandb: ERROR user is not logged in'); process.exit(1)`)
  await expect(sync(refused)).rejects.toThrow(WandbAuthError)
  const full = program(`${LOADED} console.error('wandb: ERROR no space left'); process.exit(1)`)
  const error = await sync(full).catch((thrown: unknown) => thrown)
  expect(error).not.toBeInstanceOf(WandbAuthError)
  expect(String(error)).toContain('wandb sync ended with 1')
})

test('any other failure is an error with the end of its output and the command to try again', async () => {
  const command = program(`console.error('disk is full'); process.exit(3)`)
  await expect(sync(command)).rejects.toThrow(
    /wandb sync ended with 3; the run is kept in the-run. Try again with: wandb sync the-run. Its output:\ndisk is full/,
  )
})

/** A fetch that answers with this status, or fails; and the requests it got. */
function answering(status: number | 'down'): { fetch: typeof fetch; requests: Request[] } {
  const requests: Request[] = []
  const answer: typeof fetch = async (url, init) => {
    requests.push(new Request(url, init))
    if (status === 'down') throw new TypeError('fetch failed')
    return new Response('{}', { status })
  }
  return { fetch: answer, requests }
}

const verify = (network: { fetch: typeof fetch }): Promise<boolean> =>
  verifyWandbKey({ apiKey: KEY, fetch: network.fetch, timeout: () => new AbortController().signal })

test('W&B is asked who the key belongs to, with the key in the header alone', async () => {
  const network = answering(200)
  expect(await verify(network)).toBe(true)
  const [request] = network.requests
  expect(request?.url).toBe('https://api.wandb.ai/graphql')
  expect(request?.headers.get('authorization')).toBe(`Basic ${btoa(`api:${KEY}`)}`)
  expect(await request?.text()).toBe('{"query":"query Viewer { viewer { id } }"}')
})

test('a key that is refused is the auth failure, before the job begins', async () => {
  for (const status of [401, 403]) {
    const error = await verify(answering(status)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WandbAuthError)
    expect(String(error)).toContain(`does not take the API key (HTTP ${status}). Set WANDB_API_KEY`)
    expect(String(error)).not.toContain(KEY)
  }
})

test('a network that is down, or a server that fails, stops nothing', async () => {
  expect(await verify(answering('down'))).toBe(false)
  expect(await verify(answering(503))).toBe(false)
})
