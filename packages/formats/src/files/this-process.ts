import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, uptime } from 'node:os'
import process from 'node:process'
import { codeOf } from './failure.ts'
import type { WritingProcess } from './file-system.ts'

/** This process. */
export const thisProcess: WritingProcess = {
  pid: process.pid,
  host: createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 8),
  random: randomName,
  isRunning,
  startOf,
  bootedAt,
}

function randomName(): string {
  return randomBytes(6).toString('hex')
}

function bootedAt(): number {
  return Date.now() - uptime() * 1000
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** An id that distinguishes containers of one host name; empty outside Linux. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** Where the start stands among the fields of /proc/{pid}/stat that follow the name, which may hold spaces. */
const START_FIELD = 19

function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD]
      return ticks === undefined ? null : `${boot} ${ticks}`
    } catch {
      return null
    }
  }
  if (process.platform === 'win32') return null
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : null
}
