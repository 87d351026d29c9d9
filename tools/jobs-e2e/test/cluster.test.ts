// The compose file of the example, read as Docker would. Its command and those of the README run in trainer.slow.test.ts.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { EXAMPLE, workerOfCompose } from './cluster.ts'

const words = z.array(z.string())
/** What of the compose specification the file uses: any other key is a slip of the pen. */
const composeFile = z.strictObject({
  services: z.record(
    z.string(),
    z.strictObject({
      image: z.string().regex(/^[a-z][\w./-]*(?::[\w.-]+)?$/),
      command: words,
      volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w/-]+(?::ro)?$/)),
      ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
      user: z
        .string()
        .regex(/^\$\{UID:-\d+\}:\$\{GID:-\d+\}$/)
        .optional(),
      depends_on: words.optional(),
      stop_grace_period: z
        .string()
        .regex(/^\d+[smh]$/)
        .optional(),
      restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
      deploy: z.strictObject({ replicas: z.int().min(1) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
})

const compose = composeFile.parse(parse(readFileSync(new URL('compose.yaml', EXAMPLE), 'utf8')))

test('the compose file is whole: its services depend on one another, name volumes that are there, and take our options', () => {
  const { queue, worker } = compose.services
  expect(Object.keys(compose.services)).toEqual(['queue', 'worker'])
  expect(worker?.depends_on).toEqual(['queue'])
  expect(worker?.deploy?.replicas).toBe(3)
  expect(queue?.command).toContain('-js')
  const named = Object.values(compose.services).flatMap(({ volumes }) =>
    volumes.map((each) => each.split(':')[0] ?? ''),
  )
  expect(named.filter((name) => !name.startsWith('.'))).toEqual(Object.keys(compose.volumes))
  expect(queue?.command.at(-1)).toBe(queue?.volumes[0]?.split(':')[1])
  expect(worker?.command).toEqual(workerOfCompose())
  expect(worker?.command[worker.command.indexOf('--data-dir') + 1]).toBe(worker?.volumes[0]?.split(':')[1])
})
