/** Requests of a client as text, and the little of an answer that it reads. */

const HOST = 'Host: 127.0.0.1\r\n'

export const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\n${HOST}${fields}\r\n`

export const post = (path: string, body: string, type = 'application/json'): string =>
  `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`

/** The value of a field, empty where it is not there. */
export const field = (answer: string, name: string): string => {
  const at = answer.toLowerCase().indexOf(`\r\n${name}: `)
  return at < 0 ? '' : answer.slice(at + name.length + 4, answer.indexOf('\r\n', at + 2))
}

/** The length of the first whole answer in `text`, 0 while it is not there. */
export const wholeAnswer = (text: string): number => {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return 0
  const fields = text.slice(0, head)
  const at = fields.search(/content-length: /i)
  if (at >= 0) {
    const end = head + 4 + Number.parseInt(fields.slice(at + 16), 10)
    return text.length >= end ? end : 0
  }
  if (/transfer-encoding: chunked/i.test(fields)) {
    const end = text.indexOf('\r\n0\r\n\r\n', head)
    return end < 0 ? 0 : end + 7
  }
  return head + 4
}
