// Asking for a page, and ending the query behind it.

/** Return a name for a query that nobody can guess. */
export function unguessable() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * Ask for a page. XMLHttpRequest reads HTML into a document by itself, and runs nothing in it: that needs no sink of
 * Trusted Types. The answer is the page, null where it is none, and the status, 0 where there was no contact.
 */
export function ask(address, key) {
  const request = new XMLHttpRequest();
  request.open("GET", address);
  request.responseType = "document";
  request.setRequestHeader("Accept", "text/html");
  request.setRequestHeader("Query-Id", key);
  const answer = new Promise((resolve) => {
    request.onloadend = () => resolve({ page: request.status ? request.response : null, code: request.status });
  });
  request.send();
  return { answer, abort: () => request.abort() };
}

/** End a query; one that is not known yet may be on its way, so ask again as long as it goes on. */
export async function cancel(key, goesOn) {
  do {
    const { status } = await fetch(`/queries/running/${key}`, { method: "DELETE" }).catch(() => ({ status: 0 }));
    if (status === 204) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  } while (goesOn());
}
