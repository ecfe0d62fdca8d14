/** The text of comparison.md: what was measured, what it means, and when to use which. */
import { type Comparison, type Row, rowsOf, STATES, TRAITS } from '../../lab/node.ts'
import { formatBytes, formatCount, formatMicros, formatMs } from './table.ts'

export const pageOf = (comparison: Comparison): string => {
  const { measurement, pollIntervalMs, transports } = comparison
  const rows = rowsOf(comparison)
  const column = (cell: (row: Row) => string): string[] => rows.map(cell)
  const { clients, perSecond, payloadBytes } = measurement
  return `# WebSocket, SSE, long polling and polling, compared

Four ways for a client to hear of what happens on a server. This page is generated: \`npm run holdfast -- compare --write
docs\` measures all four beside each other and writes it, numbers, charts and all.

${tableOf(
  ['', ...column(({ transport }) => TRAITS[transport].title)],
  [
    ['Connection', ...column(({ transport }) => TRAITS[transport].connectionInFull)],
    ['Latency, p50', ...column(({ latency }) => formatMs(latency.p50))],
    ['Latency, p99', ...column(({ latency }) => formatMs(latency.p99))],
    ['Server push', ...column(({ transport }) => TRAITS[transport].pushInFull)],
    ['Requests for a message', ...column(({ requestsPerMessage }) => formatCount(requestsPerMessage))],
    ['States of a client', ...column(({ transport }) => String(STATES[transport].length))],
    ['Bytes for a message', ...column(({ bytesPerMessage }) => formatBytes(bytesPerMessage))],
    ['of them overhead', ...column(({ overheadBytes }) => formatBytes(overheadBytes))],
    ["Server's CPU for a message", ...column(({ cpuMicrosPerMessage }) => formatMicros(cpuMicrosPerMessage))],
    ['Lost, duplicated', ...column(({ lost, duplicated }) => `${lost}, ${duplicated}`)],
    ['Use it', ...column(({ transport }) => TRAITS[transport].use)],
  ],
)}

Measured with ${clients} clients of each transport, ${perSecond} publications a second of ${payloadBytes} bytes, regular polling every ${pollIntervalMs} ms;
${measurement.on}, ${measurement.at.slice(0, 10)}. A message is one publication that one client was handed. Latency runs from
publishing to the client's handler, with what a poll waits for its turn; on one machine, so the network adds its own to each
trip. Ratios mean more than numbers: another machine has others.

## What grows with the rate

![Latency against the rate](comparison-latency.svg)

Pushed messages come when they are made. A long poll's comes as soon, if a request is waiting; while the client is on
its way with the next one, it waits for that. Regular polling is late by half of its interval, whatever the rate.

![Bytes for a message against the rate](comparison-bytes.svg)

A frame costs ${difference(rows, 'websocket')} beyond the data, most of which names the channel, the epoch and the offset. A request with its answer costs
${formatBytes(costOf(comparison, 'polling')?.perRequest.bytes ?? null)}, and a long poll pays it for every message until several share an answer. Regular polling pays it by the clock: much for
each message where little happens, nearly nothing where a lot does. RFC 6455's own part of a frame is 2 to 4 bytes.

![CPU time against the rate](comparison-cpu.svg)

The same shape in CPU time: parsing a request costs more than writing a frame.

## The model

What a client costs the server is roughly a sum: so much for each request, each message and each second of waiting. It is
fitted to all rates at once, and it is what [the advice](when-to-use.md) reckons with.

${tableOf(
  ['', 'a request', 'a message', 'an idle second', 'off by at most'],
  measurement.costs.map(({ transport, perRequest, perMessage, perIdleSecond }, at) => {
    const residual = transports[at]?.residual
    return [
      TRAITS[transport].title,
      pair(perRequest),
      pair(perMessage),
      pair(perIdleSecond),
      `${percent(residual?.bytes)} of bytes, ${percent(residual?.cpu)} of CPU`,
    ]
  }),
)}

A request is one without anything to tell: a poll, or a hold that ran out. What a transport that asks costs while it waits is in
its requests; what the others do is mostly pings, ${idleBytes(comparison)} bytes a second of a WebSocket. The last column is the phase that the sum fits
worst. For CPU time that is one in which little happens: what comes alone finds caches cold, and costs more.

## Complexity

Requests are counted above. The other half is what a client has to be: the states of one connection, each with the rule of
[PROTOCOL.md](../PROTOCOL.md) that makes it necessary. What all four share, the gate, the outbox and the choice, is not in it.

${rows
  .map(
    ({ transport }) =>
      `**${TRAITS[transport].title}**, ${STATES[transport].length}: ${STATES[transport]
        .map(({ name, what, rule }) => `_${name}_ (${what}, ${rule})`)
        .join('; ')}.`,
  )
  .join('\n\n')}

Long polling and polling have the fewest states since each request says everything: nothing has to be known of the one before.

## When to use which

${rows.map(({ transport }) => `- **${TRAITS[transport].title}**: ${TRAITS[transport].use.charAt(0).toLowerCase()}${TRAITS[transport].use.slice(1)}.`).join('\n')}

By default the client decides: \`transport: 'auto'\` takes the fastest that the network lets through, and changes in mid-stream without
losing anything. \`holdfast advise\` weighs the costs above for a workload that you describe; the page's transport lab measures
them in your own browser, with a network as bad as you like.

## How it is measured

- Each transport has a node on logs in memory, in a process of its own, and its clients in another. All nodes make the same
  publications at the same times.
- Bytes are what the server's sockets have read and written, closed connections included, without TCP's and IP's own headers;
  [a test](../test/lab) holds their sum against what the kernel has counted.
- CPU is what the operating system counts for the server's process, without that of a node that publishes the same with nobody
  connected. Windows are taken in a steady state.
- Clients are Holdfast's own, in Node, and send the header fields that Chromium sends to its own origin.
- Lost and duplicated are counted by numbers in the content, not by the client's own count.

\`npm run holdfast -- compare --quick\` repeats it in half a minute, \`--help\` says what can be changed.
`
}

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((cell, at) =>
    Math.max(3, cell.length, ...rows.map((row) => (row[at] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const pair = ({ bytes, cpuMicros }: { bytes: number; cpuMicros: number }): string =>
  bytes === 0 && cpuMicros === 0 ? '–' : `${decimal(bytes)} B, ${decimal(cpuMicros)} µs`

const decimal = (value: number): string =>
  value < 9.95 ? value.toFixed(1) : Math.round(value).toLocaleString('en')

const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${Math.round(share * 100)} %`

const costOf = (
  { measurement }: Comparison,
  transport: string,
): Comparison['measurement']['costs'][number] | undefined =>
  measurement.costs.find((each) => each.transport === transport)

const difference = (rows: readonly Row[], transport: string): string =>
  formatBytes(rows.find((row) => row.transport === transport)?.overheadBytes ?? null)

const idleBytes = (comparison: Comparison): string =>
  decimal(costOf(comparison, 'websocket')?.perIdleSecond.bytes ?? 0)
