/** A line drawing for each thing that is sold. */
import type { JSX } from 'react'

const PATHS: Readonly<Record<string, string>> = {
  bell: 'M48 12v8M40 12h16M30 66c0-24 4-46 18-46s18 22 18 46l8 10H22zM22 76h52M48 76v8M44 84a4 4 0 1 0 8 0M33 58h30',
  sextant:
    'M48 14 18 74M48 14l30 60M14 66a52 52 0 0 0 68 0M18 74a58 58 0 0 0 60 0M48 14l6 64M48 40H30M30 36v8M48 40h20M68 34v12M48 14a4 4 0 1 0 .1 0M54 78l-2 8',
  lantern:
    'M36 24a12 12 0 0 1 24 0M34 30h28l4 8H30zM34 38c-6 10-6 24 0 34M62 38c6 10 6 24 0 34M30 72h36l4 12H26zM48 46c-8 9-6 18 0 20 6-2 8-11 0-20M26 36v42M70 36v42',
  chart:
    'M14 22l22-6 24 6 22-6v58l-22 6-24-6-22 6zM36 16v58M60 22v58M20 56c8-4 10-14 22-14s8-10 18-12 12 4 16 2M66 60l8-4-4 8-8 4zM24 34h6M26 40h4M44 62h6',
  barometer:
    'M48 14a34 34 0 1 0 .1 0M48 22a26 26 0 1 0 .1 0M48 48 62 32M48 48l-6 8M48 44a4 4 0 1 0 .1 0M48 26v5M70 48h-5M26 48h5M33 33l3 3M40 64h16M44 8h8v6h-8z',
}

export const Drawing = ({ of }: { of: string }): JSX.Element => (
  <svg className="auction-drawing" viewBox="0 0 96 96" aria-hidden="true">
    <path d={PATHS[of] ?? ''} />
  </svg>
)
