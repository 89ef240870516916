// In the frame on the page of another site. Without this file everything works; the frame then scrolls inside. Nothing
// here stores anything, and what is sent is the form, to the page itself.

(() => {
  'use strict';

  const framed = parent !== self;

  // How high this page is, said to the page around and to nobody else, once that has shown who it is.
  let host = '';
  const tell = () => {
    if (host) parent.postMessage({ height: document.documentElement.getBoundingClientRect().height }, host === 'null' ? '*' : host);
  };
  addEventListener('message', ({ source, origin }) => {
    if (!framed || source !== parent) return;
    host = origin;
    tell();
  });
  new ResizeObserver(tell).observe(document.documentElement);

  // After a search: help where it is called for, else what is wrong, else how many groups there are. Where the focus is
  // not on the number of groups, a screen reader says it too.
  const arrive = () => {
    if (!('searched' in document.body.dataset)) return;
    const first = document.querySelector('[data-first]') ?? document.querySelector('[aria-invalid]');
    first?.focus();
    const says = document.querySelector('[data-says]');
    if (says && says !== first) setTimeout(() => { document.querySelector('[data-status]').textContent = says.textContent; }, 300);
  };
  arrive();

  // A search puts the new page in the place of the old one and no step into the way back, which is the host's: there a
  // page that was sent as a form could not be shown again. Where that fails, the form goes the plain way.
  let turn = 0;
  let plain = false;
  addEventListener('submit', async (event) => {
    if (!framed || plain) return;
    event.preventDefault();
    const { target: form, submitter } = event;
    const said = new URLSearchParams(new FormData(form));
    if (submitter?.name) said.append(submitter.name, submitter.value);
    turn += 1;
    const mine = turn;
    document.body.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(submitter?.getAttribute('formaction') ?? form.action, { method: 'POST', body: said, credentials: 'omit', redirect: 'error' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (mine !== turn) return;
      if (!('finder' in page.body.dataset)) throw new Error('not a page of the finder');
      document.title = page.title;
      document.documentElement.lang = page.documentElement.lang;
      document.documentElement.dir = page.documentElement.dir;
      document.body.replaceWith(page.body);
      arrive();
    } catch {
      if (mine !== turn) return;
      plain = true;
      form.requestSubmit(submitter);
    }
  });
})();
