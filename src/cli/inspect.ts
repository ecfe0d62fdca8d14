/** `holdfast inspect`: one WebSocket taken apart, from the first header of its handshake to the last frame. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { CloseCode } from '../websocket/index.ts'
import { JsonLines } from './inspect/json-lines.ts'
import { Lines } from './inspect/lines.ts'
import { open, type Opened } from './inspect/opening.ts'
import { inspectOptions, type InspectOptions } from './inspect/options.ts'
import { printable } from './inspect/printable.ts'
import type { Report } from './inspect/report.ts'
import { Session, type Summary } from './inspect/session.ts'

export const inspectUsage: string = `holdfast inspect: take a WebSocket apart, header by header and frame by frame.

Usage: holdfast inspect <url> [-] [options]

The URL is ws:// or wss://; http:// and https:// are understood as the same.
On a terminal, lines that you type are sent as text; so are those of a pipe if - follows the URL.
Ctrl-C closes with 1000 and shows what it came to; a second one does not wait for the server.

  -s, --send TEXT         send a text message once it is open; may be repeated
      --send-binary B     send a binary message: hexadecimal digits, or @file
      --ping              send a Ping
  -n, --count N           close after N frames of the server
  -d, --duration S        close after S seconds
      --close CODE        close with this code, at once if neither --count nor --duration is given
  -p, --protocol P        ask for a subprotocol; may be repeated
  -H, --header 'N: V'     add a header, or replace one of the handshake's own
      --ca F              a certificate authority to trust for wss://, PEM
      --insecure          take any certificate, and say that it is not trusted
      --deflate           offer permessage-deflate; shows what compressed messages say
  -v, --verbose           draw each header bit by bit as RFC 6455 §5.2 does, and dump its payload
      --json              one JSON object a line instead

Each frame is one line: when (since it was open), direction (→ sent, ← received), FIN, the reserved bits
that are set, opcode, masking key, the header's and the payload's length in bytes, payload. What breaks
RFC 6455 follows it, marked ✗.

With --json:
  {"type":"connected","address","tls"?}
  {"type":"request","method","target","headers":[[name,value],…],"expectedAccept"}
  {"type":"answer","status","reason","headers","expectedAccept","afterMs","error"?:{code,message},"body"?}
  {"type":"frame","direction":"sent"|"received","timeMs","stage":"complete"|"cut"|"cut-header","index","offset",
   "header":hex,"fin","rsv1","rsv2","rsv3","opcode","opcodeName","masked","maskingKey"?:hex,"lengthBits",
   "payloadLength","receivedBytes","payload":hex (the first 4096 bytes),"message"?:{index,kind,fragment},
   "compressed","inflated"?:{length,payload,text?},"text"?,"invalidTextAt"?,"close"?:{code,name,reason},"violations":[{code,section,message}],"lost"}
  {"type":"summary","durationMs","sent":{frames,payloadBytes,wireBytes},"received":{…},"code","name","reason",
   "closedBy":"client"|"server"|"nobody","error"?:{code,message}}

Ends with 0 after a closing handshake, with 1 if there was no connection, a refusal, a lost connection or a
server that broke the protocol.

Examples:
  holdfast inspect ws://127.0.0.1:9001/ --send hello --count 1        beside: holdfast echo
  holdfast inspect ws://127.0.0.1:4000/ws -p holdfast.v1.json         beside: holdfast serve; then type
                   {"type":"hello","id":0,"version":1}
`

/** Unwritten output from here on makes the server wait. */
const MAX_UNWRITTEN_BYTES = 1_048_576
const PIPE_WIDTH = 160
const PING_PAYLOAD: Uint8Array = Buffer.from('holdfast')

export const inspect = async (args: string[]): Promise<number> => {
  const options = inspectOptions(args)
  const report = reportFor(options)
  // A reader that goes away early is noticed below.
  process.stdout.on('error', () => undefined)
  let opened: Opened | undefined
  try {
    opened = await open(options, report)
  } catch (error) {
    process.stderr.write(`holdfast inspect: ${explain(error as NodeJS.ErrnoException, options.url)}\n`)
    return 1
  }
  if (opened === undefined) return 1
  const session = new Session(opened, report)
  const summary = await watch(session, options)
  report.summary(summary)
  return summary.code === CloseCode.abnormal || summary.error !== undefined ? 1 : 0
}

const reportFor = ({ json, verbose }: InspectOptions): Report => {
  const write = (text: string): void => void process.stdout.write(text)
  if (json) return new JsonLines(write)
  const { isTTY, columns } = process.stdout
  const colour = isTTY && process.stdout.hasColors()
  return new Lines({ colour, verbose, width: isTTY ? columns : PIPE_WIDTH }, write)
}

/** Until the connection is gone: does what the options say, and reads what is typed. */
const watch = async (session: Session, options: InspectOptions): Promise<Summary> => {
  const { count, durationMs, closeCode } = options
  const close = (): void => session.close(closeCode)
  const interrupted = (): void => session.close(1000)
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted)
  // Whoever reads the report is gone.
  process.stdout.once('error', interrupted)
  let held = false
  session.onReceived = () => {
    if (session.framesReceived >= count && session.isOpen) close()
    if (held || process.stdout.writableLength < MAX_UNWRITTEN_BYTES) return
    held = true
    void session.pauseFor(once(process.stdout, 'drain')).finally(() => (held = false))
  }
  const timer = durationMs === undefined ? undefined : setTimeout(() => session.isOpen && close(), durationMs)
  await Promise.race([say(session, options), session.ended])
  const summary = await session.ended
  clearTimeout(timer)
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  process.stdin.destroy()
  return summary
}

/** Sends what there is to send, closing behind it if nothing else will. */
const say = async (session: Session, options: InspectOptions): Promise<void> => {
  for (const message of options.messages) await session.send(message)
  if (options.ping) session.ping(PING_PAYLOAD)
  if (options.readInput) {
    for await (const line of createInterface({ input: process.stdin })) await session.send(line)
  }
  const endless = options.count === Infinity && options.durationMs === undefined
  if (session.isOpen && (options.closeAtOnce || (options.readInput && endless))) {
    session.close(options.closeCode)
  }
}

/** One sentence: what went wrong, and what to do about it. */
const explain = (error: NodeJS.ErrnoException, url: URL): string => {
  const { code = '', message } = error
  const place = printable(url.host)
  if (code === 'ECONNREFUSED') return `nobody listens at ${place}: is the server running there?`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `there is no host ${printable(url.hostname)}.`
  if (code === 'ECONNRESET') return `${place} hung up without an answer${secureHint(url)}`
  if (code.startsWith('HPE_')) return `${place} does not answer in HTTP${secureHint(url)}`
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return `${place} does not speak TLS as asked: is it ws:// rather than wss://?`
  }
  if (CERTIFICATE.test(code)) {
    return `the certificate of ${place} is not to be trusted (${message}): --ca FILE trusts its authority, --insecure any.`
  }
  return `cannot reach ${place}: ${printable(message)}`
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/

const secureHint = (url: URL): string =>
  url.protocol === 'ws:' ? ': is it wss:// rather than ws://?' : ': is it a WebSocket server at all?'
