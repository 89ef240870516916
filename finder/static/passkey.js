// Passkeys: asks the server what to sign, the device to sign it, and sends the answer as the form that the button stands
// in. Without this file the other ways to sign in stay. A password that is being typed can be shown, too.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const asked = async (form, address) => {
  const body = new URLSearchParams({ form_token: form.elements.form_token?.value ?? '' });
  const response = await fetch(address, { method: 'POST', body, headers: { Accept: 'application/json' } });
  if (!response.ok || response.redirected) throw new Error('refused');
  const options = await response.json();
  return { ...options, challenge: bytes(options.challenge) };
};

const made = async (options) => navigator.credentials.create({ publicKey: {
  ...options, user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: known(options.excludeCredentials),
} });
const used = async (options) => navigator.credentials.get({ publicKey: {
  ...options, allowCredentials: known(options.allowCredentials),
} });

const written = ({ id, rawId, type, response }) => JSON.stringify({
  id, rawId: text(rawId), type, clientExtensionResults: {},
  response: Object.fromEntries(['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
    .filter((name) => response[name]).map((name) => [name, text(response[name])])),
});

document.querySelectorAll('[data-passkey]').forEach((button) => {
  const says = button.parentElement.querySelector('[data-passkey-says]');
  if (!window.PublicKeyCredential) { says.textContent = says.dataset.never; return; }
  says.textContent = '';
  button.hidden = false;
  button.addEventListener('click', async () => {
    const { form } = button;
    says.textContent = '';
    try {
      const options = await asked(form, button.dataset.passkey);
      form.querySelector('[name=passkey]').value = written(await (options.user ? made(options) : used(options)));
      form.submit();
    } catch {
      says.textContent = says.dataset.no;
      document.querySelector('[data-status]').textContent = says.dataset.no;
    }
  });
});

document.querySelectorAll('[data-show]').forEach((button) => {
  const [field, show] = [document.getElementById(button.dataset.show), button.textContent];
  button.addEventListener('click', () => {
    field.type = field.type === 'password' ? 'text' : 'password';
    button.textContent = field.type === 'password' ? show : button.dataset.hide;
  });
});
