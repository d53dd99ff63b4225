const finding = "http://127.0.0.1:8000/id/finding/ladder-bodies-municipalities-article-2020.jsonld";
const now = await fetch(finding);
const version = now.headers.get("Praksisgrafen-Version");
console.log("Version", version);

// This address gives the same answer for as long as the version is kept.
const then = await fetch(`${finding}?version=${version}`);
console.log(await then.text());
