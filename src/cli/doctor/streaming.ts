/** SSE: whether an answer arrives as it is written, and how soon a publication does. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ask, decoded, open, type Path, sessionBody } from './exchange.ts'
import { type Finding, type Open, span } from './finding.ts'
import { type Middlebox, nameOf, recognise, remedyFor } from './middlebox.ts'

export interface Streamed {
  readonly finding: Finding
  /** Open, for who wants to see how long it lasts. */
  readonly open?: Open<IncomingMessage> | undefined
}

/** An answer that has not begun by then is held back. */
const PATIENCE_MS = 3_000
const subject = 'SSE'

export const lookAtStream = async (path: Path, middlebox: Middlebox | undefined): Promise<Streamed> => {
  const first = await stream(path, 'gzip, deflate, br')
  if (first.kind === 'held-back') {
    // Who compresses keeps what it has not compressed yet, often the headers too: so it is asked once more without.
    const plain = await stream(path, 'identity')
    if (plain.kind === 'open') plain.answer.destroy()
    return { finding: heldBack(plain.kind === 'open', middlebox) }
  }
  if (first.kind === 'refused') return { finding: refused(first.status, first.by ?? middlebox) }
  if (first.kind === 'broken') {
    const text = `${nameOf(middlebox)} cut it: ${first.error.message}`
    return { finding: { subject, verdict: 'bad', text, remedy: remedyFor('buffering', middlebox) } }
  }
  const { answer, channel, reader } = first
  const finding = await timed(path, channel, reader)
  return { finding, open: { what: answer, quietSinceMs: performance.now() } }
}

type Attempt =
  | {
      readonly kind: 'open'
      readonly answer: IncomingMessage
      readonly channel: string
      readonly reader: Lines
    }
  | { readonly kind: 'refused'; readonly status: number; readonly by: Middlebox | undefined }
  | { readonly kind: 'broken'; readonly error: Error }
  | { readonly kind: 'held-back' }

const stream = async (path: Path, acceptEncoding: string): Promise<Attempt> => {
  const channel = `doctor/${randomUUID()}`
  const json = sessionBody(path, { live: 'sse', subscribe: { [channel]: { from: 'now' } } })
  const opening = new AbortController()
  const patience = setTimeout(() => opening.abort(), PATIENCE_MS)
  try {
    const { signal } = opening
    const answer = await open(path, { method: 'POST', path: '/session', json, acceptEncoding, signal })
    const { statusCode: status = 0, headers } = answer
    if (status !== 200) {
      answer.destroy()
      return { kind: 'refused', status, by: recognise({ headers, body: '' }) }
    }
    const reader = new Lines(answer)
    if (await reader.within(PATIENCE_MS, ': open')) return { kind: 'open', answer, channel, reader }
    answer.destroy()
    return { kind: 'held-back' }
  } catch (error) {
    return opening.signal.aborted ? { kind: 'held-back' } : { kind: 'broken', error: error as Error }
  } finally {
    clearTimeout(patience)
  }
}

const heldBack = (arrivesPlain: boolean, middlebox: Middlebox | undefined): Finding => {
  const culprit = nameOf(middlebox)
  return arrivesPlain
    ? {
        subject,
        verdict: 'bad',
        text: `${culprit} compresses event streams and holds them back; uncompressed they arrive`,
        remedy: remedyFor('compression', middlebox),
      }
    : {
        subject,
        verdict: 'bad',
        text: `${culprit} holds answers back: nothing of one came within 3 s`,
        remedy: remedyFor('buffering', middlebox),
      }
}

const refused = (status: number, middlebox: Middlebox | undefined): Finding =>
  status === 401 || status === 403
    ? {
        subject,
        verdict: 'skipped',
        text: `the node refused to serve (${status})`,
        remedy: ['Show it a token: --token T, or HOLDFAST_TOKEN.'],
      }
    : {
        subject,
        verdict: 'bad',
        text: `${nameOf(middlebox)} answered with ${status}`,
        remedy: ['See its log.'],
      }

/** Publishes on the channel that is followed, and sees when it comes. */
const timed = async (path: Path, channel: string, reader: Lines): Promise<Finding> => {
  const begunMs = performance.now()
  const publish = { type: 'publish', id: 1, channel, data: 'doctor' }
  const reply = await ask(path, {
    method: 'POST',
    path: '/session',
    json: sessionBody(path, { commands: [publish] }),
  })
  if (!reply.body.includes('"ok"'))
    return {
      subject,
      verdict: 'good',
      text: 'arrives as it is written (publishing is not allowed, so not timed)',
    }
  const came = await reader.within(PATIENCE_MS, '"publication"')
  return came
    ? {
        subject,
        verdict: 'good',
        text: `arrives as it is written: a publication ${span(performance.now() - begunMs)} after it was sent`,
      }
    : {
        subject,
        verdict: 'bad',
        text: 'the answer begins, but a publication did not arrive within 3 s',
        remedy: remedyFor('buffering', undefined),
      }
}

/** What has come of an answer. */
class Lines {
  #text = ''
  #look: () => void = () => undefined
  #over = false

  constructor(answer: IncomingMessage) {
    const body = decoded(answer)
    body.on('data', (part: Buffer) => {
      this.#text = (this.#text + part.toString('latin1')).slice(-65_536)
      this.#look()
    })
    // How it ends is seen by who watches the answer.
    const over = (): void => {
      this.#over = true
      this.#look()
    }
    body.on('error', over).once('close', over)
    answer.on('error', over)
  }

  /** Whether it says so within a time. */
  within(ms: number, words: string): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (verdict: boolean): void => {
        clearTimeout(timer)
        this.#look = () => undefined
        resolve(verdict)
      }
      const timer = setTimeout(() => settle(false), ms)
      this.#look = () => {
        if (this.#text.includes(words)) settle(true)
        else if (this.#over) settle(false)
      }
      this.#look()
    })
  }
}
