// Puts a finder for support groups where this script stands:
//   <script src="https://…/embed.js" data-place="Salem, OR" data-color="#00695c"
//     referrerpolicy="no-referrer" async></script>
// It is a frame that holds no session, and one listener that makes it as high as its page. Nothing else is touched,
// stored or sent, and nothing global is left behind. data-place, -miles, -kind, -topic, -color, -background choose what
// it shows; data-lang its language (else the one of the page around it), data-title its name for screen readers.

(() => {
  'use strict';

  const script = document.currentScript;
  if (!script || !script.src) return;
  const said = script.dataset;
  const language = said.lang || script.closest('[lang]')?.lang || '';
  const address = new URL('embed', script.src);
  for (const name of ['place', 'miles', 'kind', 'topic', 'color', 'background']) {
    if (said[name]) address.searchParams.set(name, said[name]);
  }
  if (language) address.searchParams.set('lang', language);

  const frame = document.createElement('iframe');
  frame.title = said.title || (language.startsWith('es') ? 'Encuentre un grupo de apoyo' : 'Find a support group');
  frame.loading = 'lazy';
  frame.referrerPolicy = 'no-referrer';
  frame.setAttribute('credentialless', '');
  frame.setAttribute('sandbox', 'allow-forms allow-popups allow-popups-to-escape-sandbox allow-scripts');
  // By properties and not as an attribute, because a strict policy of the page around refuses style attributes.
  const looks = { display: 'block', width: '100%', maxWidth: '100%', height: '40rem', border: '0', borderRadius: '12px', colorScheme: 'normal' };
  Object.assign(frame.style, looks);
  frame.src = address.href;

  // The page in the frame is told where it stands once it is there; from then on it says how high it is. It is known by
  // its window, and by an origin that can only be that of a sandbox.
  frame.addEventListener('load', () => frame.contentWindow?.postMessage({ height: 0 }, '*'));
  addEventListener('message', ({ source, origin, data }) => {
    if (!source || source !== frame.contentWindow || origin !== 'null') return;
    const height = Number(data?.height);
    if (height >= 100 && height <= 30000) frame.style.height = `${Math.ceil(height)}px`;
  });

  // Where the script stands, or in the element that data-into names. A script in the head stands nowhere on the page.
  const inHead = Boolean(script.closest('head'));
  const put = () => {
    const room = said.into && document.getElementById(said.into);
    if (room) room.append(frame);
    else if (inHead) document.body.append(frame);
    else script.after(frame);
  };
  if ((said.into || inHead) && document.readyState === 'loading') addEventListener('DOMContentLoaded', put, { once: true });
  else put();
})();
