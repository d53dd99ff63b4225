const address = "http://127.0.0.1:8000/praksisgrafen.ttl";
const first = await fetch(address);
let graph = await first.text();

// Later: fetch the graph again only if it has changed.
const headers = { "If-None-Match": first.headers.get("ETag") };
const second = await fetch(address, { headers });
if (second.status === 200) graph = await second.text();
console.log(second.status);
