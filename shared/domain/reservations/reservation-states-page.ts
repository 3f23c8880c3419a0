import { holdDiagram } from "../products/hold-diagram.ts";
import { reservationDiagram } from "./reservation-diagram.ts";

/** docs/reservation-states.md: both diagrams, as the code decides now. */
export const reservationStatesPage = (): string => `# States of a reservation

Written by \`npm run contracts\`, which asks the deciders in every state; \`npm run check\` fails when this page is not what they say.
What leads nowhere, as it is refused or changes nothing, is not drawn.

## A reservation

Each state is published as an event \`reservation.<state>\`.

\`\`\`mermaid
${reservationDiagram()}
\`\`\`

## A line at its product

The hold of (reservation, line). A tombstone refuses whatever comes for a line that was released before anything was held for it.

\`\`\`mermaid
${holdDiagram()}
\`\`\`
`;
