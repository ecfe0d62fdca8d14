/** TCP, TLS, and whether a Holdfast node answers. Without these nothing else can be looked at. */
import { TLSSocket } from 'node:tls'
import { ask, connect, type Path } from './exchange.ts'
import { type Finding, span } from './finding.ts'
import { type Middlebox, recognise } from './middlebox.ts'

const DAY_MS = 86_400_000
const RENEW_DAYS = 14

/** Thrown where there is nothing more to find out. */
export class Unreachable extends Error {
  readonly code: 'unreachable' = 'unreachable'
  readonly finding: Finding

  constructor(finding: Finding) {
    super(finding.text)
    this.finding = finding
  }
}

/** @throws Unreachable */
export const lookAtTcp = async (path: Path): Promise<{ finding: Finding; roundTripMs: number }> => {
  const { base } = path
  const port = base.port || (base.protocol === 'https:' ? '443' : '80')
  const plain = { ...path, base: new URL(`http://${base.hostname}:${port}`) }
  const begunMs = performance.now()
  try {
    const socket = await connect(plain)
    const roundTripMs = performance.now() - begunMs
    const address = socket.remoteAddress ?? base.hostname
    socket.destroy()
    const text = `connected to ${address} port ${port} in ${span(roundTripMs)}`
    return { finding: { subject: 'TCP', verdict: 'good', text }, roundTripMs }
  } catch (error) {
    throw new Unreachable({ subject: 'TCP', verdict: 'bad', ...whyNoTcp(error, base.hostname, port) })
  }
}

const whyNoTcp = (error: unknown, host: string, port: string): Pick<Finding, 'text' | 'remedy'> => {
  const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
  switch (cause?.code) {
    case 'ECONNREFUSED':
      return {
        text: `${host} refused port ${port}: nothing listens there`,
        remedy: ['Start the node (`holdfast serve`), or check the port.'],
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { text: `the name ${host} was not found`, remedy: ['Check the spelling, or the resolver.'] }
    default:
      return {
        text: `${(error as Error).message}${cause === undefined ? '' : `: ${cause.message}`}`,
        remedy: ['A firewall that drops packets answers nothing: see whether the port is open from here.'],
      }
  }
}

/** @throws Unreachable */
export const lookAtTls = async (path: Path): Promise<Finding> => {
  const subject = 'TLS'
  if (path.base.protocol !== 'https:') {
    const text = 'not used: http:// can be read and changed on its way'
    const remedy = ['Over https:// and wss:// proxies also see less that they could interfere with.']
    return { subject, verdict: 'skipped', text, remedy }
  }
  try {
    const socket = await connect(path, ['h2', 'http/1.1'])
    if (!(socket instanceof TLSSocket)) throw new TypeError('reached without TLS')
    const { valid_to: until } = socket.getPeerCertificate()
    const days = Math.floor((Date.parse(until) - Date.now()) / DAY_MS)
    const protocol = socket.getProtocol()
    socket.destroy()
    const text = `${protocol}, certificate valid for ${days} more days`
    return days < RENEW_DAYS
      ? { subject, verdict: 'limited', text, remedy: ['Renew it; a node takes the new files by itself.'] }
      : { subject, verdict: 'good', text }
  } catch (error) {
    throw new Unreachable({ subject, verdict: 'bad', ...whyNoTls(error) })
  }
}

const whyNoTls = (error: unknown): Pick<Finding, 'text' | 'remedy'> => {
  const cause = ((error as Error).cause ?? error) as NodeJS.ErrnoException
  const { code = '', message } = cause
  if (code === 'CERT_HAS_EXPIRED')
    return { text: 'the certificate has expired', remedy: ['Renew it on the server.'] }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return { text: message, remedy: ['Use a name that the certificate is for, or get one for this name.'] }
  if (/SELF_SIGNED|UNABLE_TO|ISSUER/.test(code))
    return {
      text: `the certificate is not trusted here (${code})`,
      remedy: [
        'Trust its authority with --ca FILE, or NODE_EXTRA_CA_CERTS.',
        'Where a company inspects TLS, that is the company’s own authority.',
      ],
    }
  if (/WRONG_VERSION|PACKET_LENGTH/.test(code))
    return { text: 'the port speaks no TLS', remedy: ['Try http:// instead of https://.'] }
  return { text: message, remedy: ['`openssl s_client -connect HOST:PORT` shows the handshake.'] }
}

/** Whether a node answers, and who else does. @throws Unreachable */
export const lookForNode = async (
  path: Path,
): Promise<{ finding: Finding; middlebox: Middlebox | undefined }> => {
  const subject = 'Node'
  const begunMs = performance.now()
  try {
    const answer = await ask(path, { method: 'GET', path: '/healthz' })
    const middlebox = recognise(answer)
    if (answer.status === 200 && answer.body.includes('"status":"ok"')) {
      const through = middlebox === undefined ? '' : `, through ${middlebox.name} (${middlebox.evidence})`
      const text = `a Holdfast node answers in ${span(performance.now() - begunMs)}${through}`
      return { finding: { subject, verdict: 'good', text }, middlebox }
    }
    throw new Unreachable({
      subject,
      verdict: 'bad',
      text: `no Holdfast node: /healthz is answered with ${answer.status}${middlebox === undefined ? '' : ` by ${middlebox.name}`}`,
      remedy: ['If the node has a `path`, the URL ends with it. Behind a proxy, see that its upstream runs.'],
    })
  } catch (error) {
    if (error instanceof Unreachable) throw error
    const text = `no answer: ${(error as Error).message}`
    throw new Unreachable({ subject, verdict: 'bad', text, remedy: ['See that the port speaks HTTP.'] })
  }
}
