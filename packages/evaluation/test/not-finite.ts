/** Numbers in a value that are not finite, each by where it stands: JSON would turn them into null without a reason. */
export function notFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}=${value}`]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, part]) => notFinite(part, `${path}.${key}`))
}
