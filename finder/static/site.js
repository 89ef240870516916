// Small comforts. Every page works without this file, and nothing here sends, stores or logs an answer.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Leave this site: swap the page for a neutral one, so that Back does not return here, and have the answers cleared, so
// that no page further back shows them. Shift three times does the same; Esc does not, because it stops loading pages.
const exit = document.querySelector('.exit');
const leave = () => {
  document.documentElement.hidden = true;
  const clear = document.querySelector('form.clear');
  if (clear) fetch(clear.action, { method: 'POST', keepalive: true, redirect: 'manual' }).catch(() => {});
  location.replace(exit.dataset.to);
};
let presses = 0;
let timer;
exit?.addEventListener('click', (event) => { event.preventDefault(); leave(); });
addEventListener('keyup', (event) => {
  presses = event.key === 'Shift' ? presses + 1 : 0;
  clearTimeout(timer);
  timer = setTimeout(() => { presses = 0; }, 2000);
  if (exit && presses === 3) leave();
});

// Controls that only make sense with scripts are marked data-js and hidden in the HTML.
all('[data-js]').forEach((element) => { element.hidden = false; });
all('[data-print]').forEach((button) => button.addEventListener('click', () => print()));

// On a phone the summary of answers starts folded, so that the groups come sooner.
if (matchMedia('(max-width: 40rem)').matches) all('[data-fold]').forEach((details) => { details.open = false; });

// How many groups there are: the words of the heading, said aloud by a screen reader once the page stands.
const says = document.querySelector('[data-says]');
if (says) setTimeout(() => { document.querySelector('[data-status]').textContent = says.textContent; }, 300);

// A form that came back with errors: tell the reader first.
document.querySelector('.errors')?.focus();

// Share by the device's own sheet, or copy the link. The name shared is the quiet title and no condition.
all('[data-share]').forEach((button) => button.addEventListener('click', async () => {
  const url = document.getElementById('address')?.value ?? location.href;
  try {
    if (navigator.share) await navigator.share({ title: button.dataset.share, url });
    else {
      await navigator.clipboard.writeText(url);
      button.querySelector('span').textContent = button.dataset.done;
    }
  } catch { /* taken back by the reader */ }
}));

// Times in the reader's own zone, added after the group's own time, never in place of it.
all('time[datetime][data-zone]').forEach((time) => {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (mine === time.dataset.zone) return;
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'long', hour: 'numeric', minute: '2-digit', timeZoneName: 'short' });
  const slot = time.closest('li, p')?.querySelector('[data-mine]');
  if (slot) { slot.querySelector('span').textContent = words.format(new Date(time.dateTime)).replace(/[AP]M\b/, (part) => part.toLowerCase()); slot.hidden = false; }
});

// Four groups fit side by side: when four are ticked, the other boxes wait.
const picks = all('[form=pick][type=checkbox]');
picks.forEach((box) => box.addEventListener('change', () => {
  const full = picks.filter((one) => one.checked).length >= 4;
  picks.forEach((one) => { one.disabled = full && !one.checked; });
}));

// A group under the pointer or with the focus lights its number on the map.
all('[data-pin]').forEach((card) => {
  const pin = document.getElementById(card.dataset.pin);
  ['mouseenter', 'focusin'].forEach((kind) => card.addEventListener(kind, () => pin.classList.add('on')));
  ['mouseleave', 'focusout'].forEach((kind) => card.addEventListener(kind, () => pin.classList.remove('on')));
});

// Near me: asked only on a press, rounded to two digits of a degree (about a kilometer) before it leaves the browser.
all('[data-near]').forEach((button) => button.addEventListener('click', () => {
  const says = document.querySelector('[data-near-says]');
  const no = () => { says.textContent = says.dataset.no; };
  if (!navigator.geolocation) { no(); return; }
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    const form = button.form;
    form.elements.near.value = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
    form.submit();
  }, no, { maximumAge: 600000, timeout: 15000 });
}));

// Pages for when there is no network: kept by a press, forgotten by a press, and not a byte before.
const offline = document.querySelector('[data-offline]');
if (offline) {
  const show = (state) => all('[data-when]', offline).forEach((element) => { element.hidden = !element.dataset.when.split(' ').includes(state); });
  const worker = navigator.serviceWorker;
  const paths = (name) => offline.dataset[name].split(' ').filter(Boolean);
  const forget = async () => {
    const registered = await worker.getRegistrations();
    await Promise.all(registered.map((one) => one.unregister()));
    await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  };
  const fill = async () => {
    const store = await caches.open('kept');
    await store.addAll([...paths('files'), ...paths('plain').map((path) => new Request(path, { credentials: 'omit' }))]);
    await store.addAll(paths('own'));
    await worker.register('/sw.js');
    await worker.ready;
  };
  const does = (selector, task, after) => offline.querySelector(selector).addEventListener('click', () =>
    task().then(() => show(after), () => forget().finally(() => show('failed'))));
  if (!worker || !self.caches) show('never');
  else {
    worker.getRegistration().then((found) => show(found ? 'on' : 'off'));
    does('[data-keep]', fill, 'on');
    does('[data-forget]', forget, 'gone');
  }
}
