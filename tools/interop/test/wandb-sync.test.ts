import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { findInterpreter, scratchFolder } from '@breakwater/interop'
import { WandbAuthError, wandbOffline, wandbSync } from '@breakwater/tracking/node'
import { afterAll, describe, expect, test } from 'vitest'
import { withoutPeers } from './peers.ts'

const folder = scratchFolder()
afterAll(folder.remove)

const KEY = '0123456789'.repeat(4)
const ID = 'ab'.repeat(16)

describe.skipIf(withoutPeers)('W&B’s own sync', () => {
  test('reads a run, asks a server to take it, and its words about a refused key are the auth failure', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (piece: string) => (body += piece))
      request.on('end', () => {
        asked.push(body)
        const refusal = { errors: [{ message: 'user is not logged in' }], data: null }
        response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(refusal))
      })
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { python } = findInterpreter()
    const shown: string[] = []
    try {
      let run = ''
      const tracker = wandbOffline({
        folder: folder.path,
        project: 'spymaster',
        context: { clock: Date.now, warn: () => undefined },
        onEnd: async (place) => void (run = place),
      })
      const open = await tracker.start({ id: ID, name: 'the name', job: 'retrieval', tags: { stage: 'stage_b' } })
      await open.params({ k: 50 })
      await open.end('finished')
      const { port } = server.address() as AddressInfo
      const options = {
        env: { ...process.env, WANDB_DIR: folder.path },
        apiKey: KEY,
        baseUrl: `http://127.0.0.1:${port}`,
        command: join(dirname(python ?? ''), process.platform === 'win32' ? 'wandb.exe' : 'wandb'),
        show: (line: string) => void shown.push(line),
        redact: (text: string) => text,
      }
      await expect(wandbSync(run, options)).rejects.toThrow(WandbAuthError)
    } finally {
      server.closeAllConnections()
      server.close()
    }
    const upsert = asked.find((body) => body.includes('UpsertBucket'))
    expect(upsert).toContain(`"name":"${ID}"`)
    expect(upsert).toContain('"displayName":"the name"')
    expect(upsert).toContain('"project":"spymaster"')
    expect(shown.join('\n')).toContain('ERROR')
  })
})
