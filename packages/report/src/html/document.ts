import { html, type Html, trusted } from './html.ts'
import { STYLE } from './style.ts'

/** A whole HTML document: self-contained, without script or network. The title is escaped, as all text is. */
export function documentOf(title: string, body: Html): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `
  return page.markup
}
