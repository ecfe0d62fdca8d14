/** The table as it stands: the season's results from the log of the news, with the matches that are being played. */
import { type JSX, useMemo } from 'react'
import type { MatchEvent } from '../../../examples/scores/match-event.ts'
import { MATCHDAYS, matchdayOf, tableOf } from './standings.ts'

export interface LeagueTableProps {
  readonly matches: readonly MatchEvent[]
  readonly news: readonly MatchEvent[]
}

export const LeagueTable = ({ matches, news }: LeagueTableProps): JSX.Element => {
  const table = useMemo(() => tableOf(matches, news), [matches, news])
  return (
    <section className="scores-league" aria-labelledby="scores-league-heading">
      <h2 id="scores-league-heading">
        Table{' '}
        <span className="quiet">
          as it stands, matchday {matchdayOf(matches[0]?.round ?? 0)} of {MATCHDAYS}
        </span>
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Place</span>
            </th>
            <th scope="col">Club</th>
            <th scope="col">
              <abbr title="Played">P</abbr>
            </th>
            <th scope="col" className="scores-wide">
              <abbr title="Won">W</abbr>
            </th>
            <th scope="col" className="scores-wide">
              <abbr title="Drawn">D</abbr>
            </th>
            <th scope="col" className="scores-wide">
              <abbr title="Lost">L</abbr>
            </th>
            <th scope="col">
              <abbr title="Goal difference">GD</abbr>
            </th>
            <th scope="col">
              <abbr title="Points">Pts</abbr>
            </th>
          </tr>
        </thead>
        <tbody>
          {table.map(({ club, played, won, drawn, lost, scored, conceded, points }, index) => (
            <tr key={club}>
              <td>{index + 1}</td>
              <th scope="row">{club}</th>
              <td>{played}</td>
              <td className="scores-wide">{won}</td>
              <td className="scores-wide">{drawn}</td>
              <td className="scores-wide">{lost}</td>
              <td>{signed(scored - conceded)}</td>
              <td>
                <strong>{points}</strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const signed = (difference: number): string =>
  difference > 0 ? `+${difference}` : difference < 0 ? `−${-difference}` : '0'
