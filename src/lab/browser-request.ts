/**
 * `fetch` over connections of one's own, with the header fields that a browser sends: so that many clients of one
 * process cost a server what as many browsers do. It follows nothing, keeps nothing, and tells when it asks.
 */
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'

/** What Chromium sends with a POST of a page to its own origin, beyond Host, Connection and the body's own fields. */
export const browserFields = (origin: string): Readonly<Record<string, string>> => ({
  'sec-ch-ua-platform': '"Linux"',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'sec-ch-ua': '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
  'sec-ch-ua-mobile': '?0',
  accept: '*/*',
  origin,
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  referer: `${origin}/`,
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-GB,en;q=0.9',
})

/** @param asked is called as each request is sent. */
export const browserFetch = (origin: string, asked: () => void): typeof fetch => {
  const agent = new Agent({ keepAlive: true, maxSockets: 6 })
  const fields = browserFields(origin)
  return (input, { method, headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(input as string, {
        agent,
        method,
        headers: {
          ...fields,
          ...(headers as Record<string, string>),
          'content-length': Buffer.byteLength(body as string),
        },
        ...(signal ? { signal } : {}),
      })
      request.on('response', (answer) => resolve(responseOf(answer)))
      request.on('error', reject)
      asked()
      request.end(body)
    })
}

const responseOf = (answer: IncomingMessage): Response => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value))
  return new Response(Readable.toWeb(answer) as ReadableStream, { status: answer.statusCode ?? 0, headers })
}
