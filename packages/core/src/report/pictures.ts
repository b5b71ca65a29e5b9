import { html, type Markup } from './html.js';
import type { RunGroup } from './run-groups.js';

/** The pictures that stages drew, of the first run of each group: an image can neither run a script nor read the page. */
export function pictureFigures(groups: readonly RunGroup[]): readonly Markup[] {
  const drawn = groups.flatMap((group) => group.runs.slice(0, 1).map((run) => ({ group, run })));
  const names = [...new Set(drawn.flatMap(({ run }) => run.pictures.map(({ name }) => name)))];
  return names.map((name) => {
    const title = name.replace(/\.svg$/, '');
    const images = drawn.flatMap(({ group, run }) =>
      run.pictures
        .filter((picture) => picture.name === name)
        .map(({ svg }) => {
          const label = run.label || group.label;
          const address = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
          return html`<div>
            <h4>${label}</h4>
            <div class="table"><img src="${address}" alt="${title} of ${label}" /></div>
            <p class="downloads"><a download="${title} ${label}.svg" href="${address}">Download SVG</a></p>
          </div>`;
        }),
    );
    const first = drawn.flatMap(({ run }) => run.pictures).find((picture) => picture.name === name)?.svg ?? '';
    const note = /<title>([^<&]+)<\/title>/.exec(first)?.[1];
    return html`<figure class="several">
      <figcaption>
        <h3>${title}</h3>
        ${note === undefined ? undefined : html`<p>${note}.</p>`}
      </figcaption>
      ${images}
    </figure>`;
  });
}
