/**
 * A screenshot in 256 colours: a page has few of them and many shades between, and a byte for each pixel packs well.
 * It reads what browsers write, RGB or RGBA in 8 bits and not interlaced, and refuses anything else.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE_BYTES = 8
/** A chunk's length, type and checksum. */
const AROUND_BYTES = 12
const CHANNELS = { 2: 3, 6: 4 }

/** @param {Buffer} png @returns {Buffer} */
export const smallerPng = (png) => {
  const { header, pixels } = read(png)
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const channels = CHANNELS[header[9]]
  if (channels === undefined || header[8] !== 8 || header[12] !== 0) throw new Error('a PNG of another kind')
  const colours = coloursOf(pixels, { width, height, channels })
  const palette = mostUsed(colours)
  const place = placesIn(palette)
  const lines = Buffer.alloc(height * (width + 1))
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = place(colours[at++])
  const indexed = Buffer.from(header)
  indexed[9] = 3
  const entries = Buffer.from(palette.flatMap((each) => [each >> 16, (each >> 8) & 255, each & 255]))
  return Buffer.concat([
    png.subarray(0, SIGNATURE_BYTES),
    chunk('IHDR', indexed),
    chunk('PLTE', entries),
    chunk('IDAT', deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const read = (png) => {
  let header
  const packed = []
  for (let at = SIGNATURE_BYTES; at < png.length; at += AROUND_BYTES + png.readUInt32BE(at)) {
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    const type = png.toString('latin1', at + 4, at + 8)
    if (type === 'IHDR') header = data
    if (type === 'IDAT') packed.push(data)
  }
  return { header, pixels: inflateSync(Buffer.concat(packed)) }
}

/** Each pixel as 0xrrggbb. Undoes, line by line, the differences that were written (PNG, section 9). */
const coloursOf = (bytes, { width, height, channels }) => {
  const colours = new Uint32Array(width * height)
  const length = width * channels
  let above = new Uint8Array(length)
  for (let y = 0; y < height; y++) {
    const filter = bytes[y * (length + 1)]
    const line = Uint8Array.from(bytes.subarray(y * (length + 1) + 1, (y + 1) * (length + 1)))
    for (let i = 0; i < length; i++) {
      const left = i < channels ? 0 : line[i - channels]
      const corner = i < channels ? 0 : above[i - channels]
      line[i] += expected(filter, left, above[i], corner)
    }
    for (let x = 0; x < width; x++) {
      const i = x * channels
      colours[y * width + x] = (line[i] << 16) | (line[i + 1] << 8) | line[i + 2]
    }
    above = line
  }
  return colours
}

const expected = (filter, left, up, corner) => {
  if (filter === 0) return 0
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  const [toLeft, toUp, toCorner] = [left, up, corner].map((each) => Math.abs(left + up - corner - each))
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

/** A quarter of them are those that most pixels have; the others the most used of each region, so that no hue is lost. */
const mostUsed = (colours) => {
  const counts = new Map()
  for (const each of colours) counts.set(each, (counts.get(each) ?? 0) + 1)
  const byUse = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour)
  const palette = byUse.slice(0, 64)
  const regions = new Set(palette.map(regionOf))
  for (const colour of byUse.slice(64)) {
    if (palette.length === 256) break
    if (regions.has(regionOf(colour))) continue
    regions.add(regionOf(colour))
    palette.push(colour)
  }
  return palette
}

/** Sixteen steps of each of red, green and blue. */
const regionOf = (colour) => colour & 0xf0f0f0

/** Where a colour is in the palette, or the one that is nearest to it. */
const placesIn = (palette) => {
  const known = new Map(palette.map((each, index) => [each, index]))
  return (colour) => {
    let place = known.get(colour)
    if (place !== undefined) return place
    let least = Infinity
    for (const [index, each] of palette.entries()) {
      const distance = [16, 8, 0].reduce(
        (sum, bits) => sum + (((each >> bits) & 255) - ((colour >> bits) & 255)) ** 2,
        0,
      )
      if (distance < least) [least, place] = [distance, index]
    }
    known.set(colour, place)
    return place
  }
}

const chunk = (type, data) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const checked = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(checked))
  return Buffer.concat([length, checked, sum])
}
