// The form for listings while people write: saved as a draft every ten seconds, shown as people will see it, and a point
// that can be set on the drawn map. Everything works without this file.

const form = document.querySelector('[data-form]');
const QUIET = 10_000; // milliseconds between two saves
const PAUSE = 1_200; // after the last key, before the preview is asked for

const send = (address, extra) => {
  const body = new URLSearchParams(new FormData(form));
  Object.entries(extra).forEach(([name, value]) => body.set(name, value));
  return fetch(address, { method: 'POST', body, credentials: 'same-origin', redirect: 'error' });
};

if (form) {
  const says = document.querySelector('[data-draft-says]');
  const live = document.querySelector('[data-live]');
  const inside = document.querySelector('[data-live-in]');
  const address = new URL(form.dataset.draft, location.href);
  if (form.dataset.slug) address.searchParams.set('slug', form.dataset.slug);
  if (form.dataset.key) address.searchParams.set('key', form.dataset.key);
  let changed = false;
  let sending = false;
  let waits;

  const save = async () => {
    if (!changed || sending) return;
    changed = false;
    try {
      const answer = await send(address, { do: 'draft' });
      if (answer.ok) says.textContent = form.dataset.saved;
      else changed = answer.status >= 500;
    } catch { changed = true; } // no network just now; the next turn tries again
  };

  const show = async () => {
    try {
      const answer = await send(form.action, { do: 'fragment' });
      if (!answer.ok || sending) return;
      const made = new DOMParser().parseFromString(await answer.text(), 'text/html');
      inside.replaceChildren(...made.body.childNodes);
      live.hidden = inside.childElementCount === 0;
    } catch { /* the button shows it as well */ }
  };

  form.addEventListener('input', () => {
    changed = true;
    says.textContent = '';
    clearTimeout(waits);
    waits = setTimeout(show, PAUSE);
  });
  form.addEventListener('submit', () => { sending = true; });
  setInterval(save, QUIET);
  addEventListener('pagehide', () => {
    if (!changed || sending) return;
    const body = new URLSearchParams(new FormData(form));
    fetch(address, { method: 'POST', body, credentials: 'same-origin', keepalive: true }).catch(() => {});
  });

  // A press on the drawn map sets the point; the boxes beside it say the same in numbers.
  document.querySelectorAll('[data-pick]').forEach((map) => {
    map.hidden = false;
    const svg = map.querySelector('svg');
    const boxes = ['latitude', 'longitude'].map((name) => form.elements[`sessions.${map.dataset.pick}.location.${name}`]);
    const [west, north, width] = map.dataset.frame.split(' ').map(Number); // on the square of web maps, 0 to 1
    svg.addEventListener('click', (event) => {
      const place = svg.getBoundingClientRect();
      const across = (event.clientX - place.left) / place.width;
      const down = (event.clientY - place.top) / place.height;
      const south = north + (down * width * place.height) / place.width;
      boxes[0].value = ((Math.atan(Math.sinh(Math.PI * (1 - 2 * south))) * 180) / Math.PI).toFixed(5);
      boxes[1].value = ((west + across * width) * 360 - 180).toFixed(5);
      const dot = svg.querySelector('.m-own');
      dot.setAttribute('cx', across * svg.viewBox.baseVal.width);
      dot.setAttribute('cy', down * svg.viewBox.baseVal.height);
      form.dispatchEvent(new Event('input'));
    });
  });
}
