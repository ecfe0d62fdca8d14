/** One frame, bit by bit (RFC 6455 §5.2), its payload as it travelled and as it is meant. */
import type { JSX } from 'react'
import { type AnnotatedFrame, applyMask, hexadecimal } from 'holdfast/websocket/frames'
import { ByteView } from './byte-view.tsx'
import { pretty } from './pretty.ts'
import type { FrameItem } from './items.ts'

const SENTENCES: Readonly<Record<AnnotatedFrame['opcodeName'], string>> = {
  continuation: 'More of the message that the frame before it began.',
  text: 'A message of text, or its beginning.',
  binary: 'A message of bytes, or its beginning.',
  close: 'Begins to close the connection, or agrees to it. No data follows it.',
  ping: 'Asks whether the other side is still there. The browser answers by itself; pages cannot send pings.',
  pong: 'Answers a ping with the payload that it had.',
  reserved: 'Nobody has said what this opcode means.',
}

export const FrameDetail = ({ item, at }: { item: FrameItem; at: string }): JSX.Element => {
  const { frame, direction } = item
  const wire = onTheWire(frame)
  const key = frame.masked ? 4 : 0
  const total = frame.header.length + frame.payloadLength
  return (
    <>
      <header className="detail-header">
        <h2>
          {frame.opcodeName} frame, {direction === 'up' ? 'page → node' : 'node → page'}
        </h2>
        <p className="quiet number">
          at {at}, frame {frame.index + 1} of its direction, {total.toLocaleString('en')} bytes:{' '}
          {frame.header.length} of header, {frame.payloadLength.toLocaleString('en')} of payload
        </p>
      </header>
      <p>{SENTENCES[frame.opcodeName]}</p>
      {frame.violations.map(({ code, message, section }) => (
        <p className="bad" key={code}>
          {message} ({section})
        </p>
      ))}
      <Fields frame={frame} />
      <ByteView
        parts={[
          { name: 'Header', role: 'header', bytes: frame.header.subarray(0, frame.header.length - key) },
          { name: 'Masking key', role: 'key', bytes: frame.header.subarray(frame.header.length - key) },
          { name: frame.masked ? 'Payload, masked' : 'Payload', role: 'payload', bytes: wire },
        ]}
        more={frame.payloadLength - wire.length}
      />
      {frame.masked && frame.payload.length > 0 && <Masking frame={frame} wire={wire} />}
      {frame.text !== undefined && frame.text !== '' && (
        <>
          <h3>As text</h3>
          <pre className="body-text">
            {frame.message?.fragment === 0 && frame.fin ? pretty(frame.text) : frame.text}
          </pre>
        </>
      )}
      {frame.close && (
        <p>
          Code {frame.close.code}: {frame.close.name}
          {frame.close.reason !== '' && `, “${frame.close.reason}”`}.
        </p>
      )}
    </>
  )
}

/** The annotator unmasks; on the wire the payload was what this gives back. */
const onTheWire = ({ payload, maskingKey }: AnnotatedFrame): Uint8Array => {
  const wire = payload.slice()
  if (maskingKey !== undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = maskingKey
    applyMask(wire, 0, wire.length, (a << 24) | (b << 16) | (c << 8) | d)
  }
  return wire
}

interface Field {
  readonly name: string
  readonly bits: string
  readonly value: string
  readonly meaning: string
  readonly role: 'header' | 'key'
}

const fieldsOf = (frame: AnnotatedFrame): Field[] => {
  const bits = Array.from(frame.header, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const fields: Field[] = []
  let at = 0
  const take = (count: number, field: Omit<Field, 'bits' | 'role'>, role: Field['role'] = 'header'): void => {
    fields.push({ ...field, bits: bits.slice(at, at + count), role })
    at += count
  }
  take(1, {
    name: 'FIN',
    value: frame.fin ? 'yes' : 'no',
    meaning: frame.fin ? 'the message ends with this frame' : 'more frames of this message follow',
  })
  for (const [name, set] of [
    ['RSV1', frame.rsv1],
    ['RSV2', frame.rsv2],
    ['RSV3', frame.rsv3],
  ] as const) {
    take(1, {
      name,
      value: set ? 'yes' : 'no',
      meaning: set ? 'an extension has set it' : 'no extension uses it',
    })
  }
  take(4, { name: 'opcode', value: `0x${frame.opcode.toString(16)}`, meaning: frame.opcodeName })
  take(1, {
    name: 'MASK',
    value: frame.masked ? 'yes' : 'no',
    meaning: frame.masked
      ? 'from a client, so that caches on the way cannot be fooled (§5.3)'
      : 'servers do not mask',
  })
  const length = frame.payloadLength.toLocaleString('en')
  take(7, {
    name: 'length',
    value: String(frame.header[1]! & 0x7f),
    meaning:
      frame.lengthBits === 7 ? 'bytes of payload' : `the length stands in the next ${frame.lengthBits} bits`,
  })
  if (frame.lengthBits > 7) {
    take(frame.lengthBits, { name: 'long length', value: length, meaning: 'bytes of payload' })
  }
  if (frame.maskingKey !== undefined) {
    take(
      32,
      {
        name: 'key',
        value: hexadecimal(frame.maskingKey),
        meaning: 'random; each byte of payload is combined with one of it',
      },
      'key',
    )
  }
  return fields
}

const Fields = ({ frame }: { frame: AnnotatedFrame }): JSX.Element => (
  <table className="fields">
    <caption className="visually-hidden">The header, field by field</caption>
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">Bits</th>
        <th scope="col">Value</th>
        <th scope="col">Meaning</th>
      </tr>
    </thead>
    <tbody>
      {fieldsOf(frame).map(({ name, bits, value, meaning, role }) => (
        <tr key={name} data-role={role}>
          <th scope="row">{name}</th>
          <td className="fields-bits">{bits.replaceAll(/.{8}(?=.)/g, '$& ')}</td>
          <td className="fields-value">{value}</td>
          <td className="fields-meaning">{meaning}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

const SHOWN = 8

/** How the first bytes came to be what they are (RFC 6455 §5.3). */
const Masking = ({ frame, wire }: { frame: AnnotatedFrame; wire: Uint8Array }): JSX.Element => {
  const { maskingKey, payload } = frame
  const cells = Array.from(payload.subarray(0, SHOWN))
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
  const lines: [string, (index: number) => string][] = [
    ['on the wire', (index) => hex(wire[index]!)],
    ['⊕ key', (index) => hex(maskingKey![index % 4]!)],
    ['= payload', (index) => hex(payload[index]!)],
    [
      '',
      (index) =>
        payload[index]! >= 0x20 && payload[index]! < 0x7f ? String.fromCharCode(payload[index]!) : '·',
    ],
  ]
  return (
    <>
      <h3>Unmasking the first bytes</h3>
      <table className="masking">
        <tbody>
          {lines.map(([name, draw]) => (
            <tr key={name}>
              <th scope="row">{name === '' ? <span className="visually-hidden">as text</span> : name}</th>
              {cells.map((_, index) => (
                <td key={index}>{draw(index)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
