import { createRequire } from 'node:module'
import { loadRuntime } from '#src/engine/runtime'
import { expect, test, vi } from 'vitest'

vi.mock('onnxruntime-node', () => {
  throw new Error('not installed')
})

test('without ONNX Runtime a graph is refused in words, with the version to install', async () => {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { readonly version: string }
  await expect(loadRuntime()).rejects.toThrow(
    `patchtst: onnxruntime-node is not installed or cannot be loaded, and PatchTST computes with it. Run \`npm install onnxruntime-node@${version}\`.`,
  )
})
