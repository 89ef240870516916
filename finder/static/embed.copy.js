// Copies the lines of a box, and says so. Without scripts people mark and copy them themselves.

document.querySelectorAll('[data-copy]').forEach((button) => button.addEventListener('click', async () => {
  const box = document.getElementById(button.dataset.copy);
  const says = button.nextElementSibling;
  try {
    await navigator.clipboard.writeText(box.value);
    says.textContent = says.dataset.done;
  } catch {
    box.select();
  }
}));
