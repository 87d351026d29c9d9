/** What stands where a secret was. */
const HIDDEN = '***'

/** A function that takes secrets out of texts: each of at least 4 characters, plain, and as a URL or base64 holds it. */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const plain = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= 4)
  const forms = plain
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .toSorted((a, b) => b.length - a.length)
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, HIDDEN), text)
}
