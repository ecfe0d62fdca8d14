/**
 * `node scripts/diagrams.mjs`: draws docs/diagrams/*.svg, one sequence diagram for each page about a transport. Time runs
 * downwards; what is drawn is said in words beside it. And what a frame looks like. `--check` draws nothing and fails when a file is not as drawn.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, say } from './bootstrap.mjs'

/** As in examples/tokens.css: light, dark. */
const COLOURS = {
  websocket: ['#08775a', '#3fcb9c'],
  sse: ['#1c60c9', '#7cb0ff'],
  'long-polling': ['#7a3bd0', '#ba99ff'],
  polling: ['#985a00', '#e5a748'],
}

const right = (text, more = {}) => ({ kind: 'arrow', to: 'node', text, ...more })
const left = (text, more = {}) => ({ kind: 'arrow', to: 'client', text, ...more })
/** A publication of somebody else, which comes from the side. */
const published = (text) => ({ kind: 'published', text })
/** Something waits at the node for so many rows. */
const hold = (rows, text) => ({ kind: 'hold', rows, text })
const pause = (text) => ({ kind: 'pause', text })

const DIAGRAMS = [
  {
    file: 'websocket',
    title: 'WebSocket: one handshake, then frames in both directions over one TCP connection',
    transport: 'websocket',
    rows: [
      right('GET /ws   Upgrade: websocket   Sec-WebSocket-Key: …'),
      left('101 Switching Protocols   Sec-WebSocket-Accept: …'),
      pause('from here on no more HTTP: the same connection carries frames'),
      right('hello', { thin: true }),
      left('reply: session, limits', { thin: true }),
      right('subscribe from cursor 41', { thin: true }),
      published('42 is published'),
      left('publication 42: a header of 2 to 4 bytes and its JSON', { thin: true }),
      right('publish', { thin: true }),
      left('reply: it is 43', { thin: true }),
      pause('quiet for 25 s'),
      left('Ping', { thin: true }),
      right('Pong', { thin: true }),
    ],
  },
  {
    file: 'sse',
    title:
      'SSE: one request, one answer that does not end; what the client sends travels in requests of its own',
    transport: 'sse',
    rows: [
      right('POST /session   live: sse   from cursor 41'),
      left('200   Content-Type: text/event-stream   : open'),
      published('42 is published'),
      left('data: publication 42', { thin: true }),
      right('POST /session   publish (another request)'),
      left('200   reply: it is 43'),
      left('data: publication 43', { thin: true }),
      pause('quiet for 15 s'),
      left(': ping', { thin: true }),
    ],
  },
  {
    file: 'long-polling',
    title: 'Long polling: each request waits at the node until there is something, or about 25 s',
    transport: 'long-polling',
    rows: [
      right('POST /session   live: long-poll   after cursor 41'),
      hold(1, 'held'),
      published('42 is published'),
      left('200   publication 42, cursor 42'),
      right('POST /session   after cursor 42   (at once)'),
      hold(2, 'held, about 25 s'),
      pause('nothing is published'),
      left('200   nothing new, cursor 42'),
      right('POST /session   after cursor 42'),
      hold(1, 'held'),
    ],
  },
  {
    file: 'polling',
    title: 'Regular polling: asked again and again, answered at once, whether or not there is something',
    transport: 'polling',
    rows: [
      right('POST /session   after cursor 41'),
      left('200   nothing new, ask again in 5 s'),
      pause('the client waits'),
      published('42, 43 published'),
      right('POST /session   after cursor 41'),
      left('200   publications 42 and 43, ask again in 1 s'),
      pause('the client waits'),
      right('POST /session   after cursor 43'),
      left('200   nothing new, ask again in 5 s'),
    ],
  },
  {
    file: 'change-of-transport',
    title: 'A change of transport: the new one delivers before the old one is let go, both through one gate',
    transport: 'sse',
    rows: [
      left('publication 41 (over the WebSocket)', { transport: 'websocket', thin: true }),
      right('POST /session   live: sse   after cursor 41'),
      published('42 is published'),
      left('publication 42 (over the WebSocket): accepted', { transport: 'websocket', thin: true }),
      left('publication 42 (over SSE): does not follow 42, dropped', { thin: true }),
      right('Close 1000', { transport: 'websocket', thin: true }),
      published('43 is published'),
      left('publication 43 (over SSE): accepted', { thin: true }),
    ],
  },
]

/** Fields of a frame in their order: bits, name. Rows of 32 bits. */
const FRAME = [
  [1, 'FIN'],
  [3, 'RSV'],
  [4, 'opcode'],
  [1, 'MASK'],
  [7, 'length'],
  [16, 'length, if 126: 16 bits'],
  [32, 'length, if 127: 64 bits'],
  [16, ''],
  [16, 'masking key, from clients'],
  [16, ''],
  [16, 'payload …'],
]

const WIDTH = 720
const CLIENT_X = 90
const NODE_X = 560
const ROW = 36
const TOP = 92

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const lane = (x, name, bottom) =>
  `<text x="${x}" y="66" text-anchor="middle" class="name">${name}</text><path class="lane" d="M${x} 76V${bottom}"/>`

const drawRow = (row, y, transport) => {
  switch (row.kind) {
    case 'arrow': {
      const [from, to] = row.to === 'node' ? [CLIENT_X, NODE_X] : [NODE_X, CLIENT_X]
      const tip = to > from ? -1 : 1
      const name = row.transport ?? transport
      return (
        `<g class="${name}${row.thin ? ' thin' : ''}"><path d="M${from} ${y}H${to + tip * 2}"/>` +
        `<path class="tip" d="M${to} ${y}l${tip * 9} -4.5v9z"/></g>` +
        `<text x="${(CLIENT_X + NODE_X) / 2}" y="${y - 7}" text-anchor="middle">${escape(row.text)}</text>`
      )
    }
    case 'published':
      return (
        `<g class="ink"><path d="M${NODE_X + 70} ${y}H${NODE_X + 3}"/><path class="tip" d="M${NODE_X} ${y}l9 -4.5v9z"/></g>` +
        `<text x="${NODE_X + 12}" y="${y - 8}">${escape(row.text)}</text>`
      )
    case 'hold': {
      const height = row.rows * ROW
      return (
        `<rect class="${transport} hold" x="${NODE_X - 5}" y="${y - ROW}" width="10" height="${height + ROW}" rx="3"/>` +
        `<text class="quiet" x="${NODE_X - 14}" y="${y + 2}" text-anchor="end">${escape(row.text)}</text>`
      )
    }
    default:
      return `<text class="quiet" x="${(CLIENT_X + NODE_X) / 2}" y="${y}" text-anchor="middle">${escape(row.text)}</text>`
  }
}

const draw = ({ title, transport, rows }) => {
  let y = TOP + 10
  const drawn = []
  for (const row of rows) {
    drawn.push(drawRow(row, y, transport))
    y += row.kind === 'hold' ? ROW * 0.75 : ROW
  }
  const bottom = rows.at(-1)?.kind === 'hold' ? y + 12 : y - 8
  return svg(title, bottom, [lane(CLIENT_X, 'client', bottom), lane(NODE_X, 'node', bottom), ...drawn])
}

const styles = (index) =>
  Object.entries(COLOURS)
    .map(([name, colours]) => `.${name}{--c:${colours[index]}}`)
    .join('')

const svg = (title, bottom, content) => {
  const [name, ...rest] = title.split(': ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 16}" role="img" aria-label="${escape(title)}">
<style>
text{font:13px system-ui,sans-serif;fill:#1a1c1e;white-space:pre}.name{font-weight:600}.quiet{fill:#5b6065;font-style:italic}.title{font-weight:600}
path{stroke:var(--c);stroke-width:2;fill:none}.thin path{stroke-width:1.25}.tip{fill:var(--c);stroke:none}
.lane{stroke:#8886;stroke-width:1}.hold{fill:var(--c);fill-opacity:.35}.cell{fill:var(--c);fill-opacity:.12;stroke:var(--c)}.ink{--c:#5b6065}
${styles(0)}
@media (prefers-color-scheme:dark){text{fill:#e9eaeb}.quiet{fill:#a0a6ac}.ink{--c:#a0a6ac}${styles(1)}}
</style>
<text class="title" x="16" y="26">${escape(name)}</text>
<text class="quiet" x="16" y="46">${escape(rest.join(': '))}</text>
${content.join('\n')}
</svg>
`
}

const drawFrame = () => {
  const unit = 21
  const [x0, y0, height] = [24, 74, 44]
  let at = 0
  const cells = FRAME.map(([bits, name]) => {
    const x = x0 + (at % 32) * unit
    const y = y0 + Math.floor(at / 32) * height
    at += bits
    const part = /mask/i.test(name) ? 'sse' : /payload/.test(name) ? 'websocket' : 'ink'
    const label = bits === 1 ? `<tspan style="font-size:9px">${name}</tspan>` : name
    return (
      `<rect class="${part} cell" x="${x}" y="${y}" width="${bits * unit}" height="${height}"/>` +
      `<text x="${x + (bits * unit) / 2}" y="${y + 27}" text-anchor="middle">${label}</text>`
    )
  })
  const ruler = [0, 8, 16, 24].map(
    (bit) => `<text class="quiet" x="${x0 + bit * unit + 2}" y="66">bit ${bit}</text>`,
  )
  return svg('Frame: what stands before every payload', y0 + 4 * height, [...ruler, ...cells])
}

const check = process.argv.includes('--check')
const drawings = [...DIAGRAMS.map((diagram) => [diagram.file, draw(diagram)]), ['frame', drawFrame()]]
for (const [name, drawing] of drawings) {
  const file = join(ROOT, 'docs', 'diagrams', `${name}.svg`)
  if (!check) writeFileSync(file, drawing)
  else if (readFileSync(file, 'utf8') !== drawing) {
    say(`docs/diagrams/${name}.svg is not as scripts/diagrams.mjs draws it: run it`)
    process.exitCode = 1
  }
}
