// Help when there is no network. This worker only exists after a reader pressed the button on the page "offline".
// It looks after the pages that were kept there and the files they need. It never keeps another page: no results, no
// answers, nothing with a query. Forms pass by it untouched, so that the server still sees which site sent them.

const STORE = 'kept';
const AS_KEPT = { ignoreVary: true };
const NO_NETWORK = '/offline/now';
const SAVED = '/saved';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.destination === 'iframe') return; // the finder on another site is nobody's own page
  if (request.mode === 'navigate') event.respondWith(page(event, url));
  else if (url.pathname.startsWith('/static/')) event.respondWith(file(request, url));
});

async function page(event, url) {
  const store = await caches.open(STORE);
  try {
    const fresh = await fetch(event.request);
    if (!url.search && await store.match(url.pathname, AS_KEPT)) event.waitUntil(renew(store, url.pathname, fresh.clone()));
    return fresh;
  } catch {
    const kept = url.search ? undefined : await store.match(url.pathname, AS_KEPT);
    return kept ?? await instead(store, url.pathname) ?? Response.error();
  }
}

// The reader's own list is kept as it was just seen; the others are asked for anew without cookies.
async function renew(store, path, seen) {
  const fresh = path.endsWith(SAVED) ? seen : await fetch(path, { credentials: 'omit' });
  if (fresh.ok && !fresh.redirected) await store.put(path, fresh);
}

// The page that says there is no network: in the language of the page asked for, else in any that was kept.
async function instead(store, path) {
  const kept = (await store.keys()).map(({ url }) => new URL(url).pathname).filter((one) => one.endsWith(NO_NETWORK));
  const language = (one) => one.slice(0, -NO_NETWORK.length);
  const best = kept.find((one) => language(one) && path.startsWith(`${language(one)}/`)) ?? kept.find((one) => !language(one)) ?? kept[0];
  return best && store.match(best, AS_KEPT);
}

// Files bear the hash of their content in their address: a new one takes the place of the old one.
async function file(request, url) {
  const store = await caches.open(STORE);
  const kept = await store.match(request, AS_KEPT);
  if (kept) return kept;
  const old = await store.match(request, { ...AS_KEPT, ignoreSearch: true });
  try {
    const fresh = await fetch(request);
    if (old && fresh.ok) {
      await store.delete(request, { ...AS_KEPT, ignoreSearch: true });
      await store.put(request, fresh.clone());
    }
    return fresh;
  } catch {
    return old ?? Response.error();
  }
}
