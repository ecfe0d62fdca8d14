// What to do about an answer that is no 101, in a sentence for whoever typed the command.

/** What to do about an answer that is no 101. */
export const adviceFor = (status: number): string => {
  if (status === 101) return 'The server agreed, but its answer is no valid handshake.'
  if (status < 300) {
    return 'The server took it for an ordinary request: a proxy on the way dropped Upgrade, or this path is no WebSocket.'
  }
  if (status < 400) return 'It has moved: ask at the Location above.'
  return ADVICE[status] ?? (status < 500 ? 'The server holds the request against you.' : OUT_OF_ORDER)
}

const OUT_OF_ORDER = 'The server, or a proxy before it, is out of order: look into its log.'

const ADVICE: Readonly<Record<number, string>> = {
  400: 'The server finds the request malformed: its body may say why.',
  401: "It asks who you are: --header 'Authorization: Bearer …'.",
  403: "It forbids this to you: --header 'Origin: …' if it lets in only some pages, or another user.",
  404: 'There is no WebSocket at this path; a Holdfast node has it at /ws.',
  405: 'This path takes other methods: it is no WebSocket.',
  407: 'A proxy on the way asks who you are.',
  426: 'It wants other protocol headers than arrived: a proxy on the way may have dropped Upgrade.',
  429: 'Too many requests from here: wait as long as Retry-After says.',
  431: 'The headers are too large or too many.',
  502: 'A proxy on the way has no server behind it.',
  503: 'The server is full or draining: wait as long as Retry-After says.',
  504: 'A proxy on the way got no answer from the server behind it.',
}
