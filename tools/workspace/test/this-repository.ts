import { fileURLToPath } from 'node:url'
import { readRepository } from '@breakwater/workspace'
import type { Repository } from '@breakwater/workspace'

/** The root of the repository that these tests belong to. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url))

/** The repository that these tests belong to, read from disk. */
export const repository: Repository = readRepository(root)
