// Runs in a worker thread: evaluates the heads it is sent, one after another.
import { parentPort } from 'node:worker_threads'
import type { HeadEvaluation } from './documents/head.ts'
import { evaluateHead, type HeadInput } from './evaluate-head.ts'

/** A message of the thread: what a head came to, or what its evaluation threw. */
export type HeadMessage = { readonly evaluation: HeadEvaluation } | { readonly error: unknown }

const port = parentPort
port?.on('message', (input: HeadInput) => {
  let message: HeadMessage
  try {
    message = { evaluation: evaluateHead(input) }
  } catch (error) {
    message = { error }
  }
  port.postMessage(message)
})
