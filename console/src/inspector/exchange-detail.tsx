/** A request and its answer: when, how many bytes, header by header, and for a handshake the proof that it was read. */
import type { JSX } from 'react'
import { purposeOf } from 'holdfast/websocket/frames'
import { AcceptDerivation } from './accept-derivation.tsx'
import { type Head, valueOf } from './http-stream.ts'
import type { Inspection } from './inspection.ts'
import { pretty } from './pretty.ts'
import type { Exchange } from './items.ts'
import type { KeptBytes } from './kept-bytes.ts'
import { useNow } from './now.ts'
import { bytesText, progressText, PURPOSE_SENTENCES, PURPOSES, spanText } from './words.ts'

export interface ExchangeDetailProps {
  readonly inspection: Inspection
  readonly exchange: Exchange
  readonly at: string
}

export const ExchangeDetail = ({ inspection, exchange, at }: ExchangeDetailProps): JSX.Element => {
  const { purpose, request, answer, requestBody, answerBody } = exchange
  const now = useNow(inspection, exchange.endMs !== undefined || exchange.status === 101)
  return (
    <>
      <header className="detail-header">
        <h2>{PURPOSES[purpose]}</h2>
        <p className="quiet number">
          at {at}, connection {exchange.connection}, {progressText(exchange, now)}
        </p>
      </header>
      <p>{PURPOSE_SENTENCES[purpose]}</p>
      <Shares exchange={exchange} />
      <HeadView side="request" head={request} body={requestBody} />
      {answer === undefined ? (
        <p className="detail-waiting" role="status">
          {purpose === 'hold' && exchange.requestEndMs !== undefined
            ? `The node holds the request: ${spanText(now - exchange.requestEndMs)} so far.`
            : 'There is no answer yet.'}
        </p>
      ) : (
        <HeadView side="answer" head={answer} body={answerBody} />
      )}
      {purpose === 'handshake' && answer !== undefined && <Outcome exchange={exchange} />}
    </>
  )
}

const Outcome = ({ exchange }: { exchange: Exchange }): JSX.Element => {
  const key = valueOf(exchange.request.headers, 'sec-websocket-key')
  if (exchange.status === 101 && key !== undefined) {
    return (
      <AcceptDerivation keyText={key} accept={valueOf(exchange.answer!.headers, 'sec-websocket-accept')} />
    )
  }
  return (
    <p>
      There is no WebSocket: the answer is {exchange.status}, not 101. Something on the way, or the node, did
      not take the offer to upgrade.
    </p>
  )
}

/** What carries nothing itself, beside what is carried. */
const Shares = ({ exchange }: { exchange: Exchange }): JSX.Element => {
  const { request, answer, framingBytes, requestBody, answerBody, overheadBytes, bodyBytes } = exchange
  const parts = [
    ['Request head', request.bytes, 'head'],
    ['Request body', requestBody.length, 'body'],
    ['Answer head', answer?.bytes ?? 0, 'head'],
    ['Framing', framingBytes, 'head'],
    ['Answer body', answerBody.length, 'body'],
  ] as const
  const total = overheadBytes + bodyBytes
  return (
    <figure className="shares">
      <figcaption>
        <span className="number">{bytesText(total)}</span>, of which{' '}
        <span className="number">{bytesText(overheadBytes)}</span> are heads and framing (
        {((100 * overheadBytes) / total).toFixed(0)} %)
      </figcaption>
      <div className="shares-bar" aria-hidden="true">
        {parts.map(
          ([name, bytes, role]) =>
            bytes > 0 && <span key={name} data-role={role} style={{ flexGrow: bytes }} />,
        )}
      </div>
      <ul className="bytes-key">
        {parts.map(
          ([name, bytes, role]) =>
            bytes > 0 && (
              <li key={name} data-role={role}>
                {name} <span className="number">{bytes.toLocaleString('en')}</span>
              </li>
            ),
        )}
      </ul>
    </figure>
  )
}

interface HeadViewProps {
  readonly side: 'request' | 'answer'
  readonly head: Head
  readonly body: KeptBytes
}

const HeadView = ({ side, head, body }: HeadViewProps): JSX.Element => (
  <section className="head-view" data-direction={side === 'request' ? 'up' : 'down'}>
    <h3>{side === 'request' ? 'Request, page → node' : 'Answer, node → page'}</h3>
    <p className="head-first">{head.first}</p>
    <dl className="head-fields">
      {pairsOf(head.headers).map(([name, value], index) => {
        const purpose = purposeOf(side, name, value)
        return (
          <div key={index} data-name={name.toLowerCase()}>
            <dt>{name}</dt>
            <dd>
              <span className="head-value">{value}</span>
              {purpose !== '' && <span className="head-purpose">{purpose}</span>}
            </dd>
          </div>
        )
      })}
    </dl>
    {body.length > 0 && (
      <>
        <pre className="body-text">{pretty(new TextDecoder().decode(body.bytes))}</pre>
        {body.length > body.bytes.length && (
          <p className="quiet">and {bytesText(body.length - body.bytes.length)} more</p>
        )}
      </>
    )}
  </section>
)

const pairsOf = (headers: readonly string[]): [string, string][] => {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < headers.length; at += 2) pairs.push([headers[at]!, headers[at + 1]!])
  return pairs
}
