/** Bare `node:http` holding requests until something is published: no channels, no cursors, nothing can be missed or found. */
import { createServer } from 'node:http'
import { serve } from './control.mjs'

let held = []
const server = createServer((request, response) => {
  if (request.method === 'POST') request.resume()
  held.push(response)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

serve(server.address().port, (text) => {
  const body = Buffer.from(text)
  const answered = held
  held = []
  for (const response of answered) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }
})
