// Copies what stands in a box or a piece of code, and says so. Without scripts people mark and copy it themselves.

document.querySelectorAll('[data-copy]').forEach((button) => button.addEventListener('click', async () => {
  const box = document.getElementById(button.dataset.copy);
  const says = button.nextElementSibling;
  try {
    await navigator.clipboard.writeText(box.value ?? box.textContent);
    says.textContent = says.dataset.done;
  } catch {
    if (box.select) box.select();
    else getSelection().selectAllChildren(box);
    says.textContent = says.dataset.marked;
  }
}));
