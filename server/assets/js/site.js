// Buttons that copy what another element says: <button data-copy="id" data-copied="Copied" hidden>.
const status = document.createElement("p");
status.className = "visually-hidden";
status.setAttribute("role", "status");

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const said = button.textContent;
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  button.textContent = button.dataset.copied;
  status.textContent = button.dataset.copied;
  setTimeout(() => {
    button.textContent = said;
    status.textContent = "";
  }, 2000);
}

if (navigator.clipboard) {
  document.body.append(status);
  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
  // A part of the page may be put in its place later, with buttons of its own.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-copy]");
    if (button) copy(button);
  });
}
