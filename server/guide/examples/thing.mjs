const answer = await fetch(
  "http://127.0.0.1:8000/id/finding/ladder-bodies-municipalities-article-2020",
  { headers: { Accept: "application/ld+json" } },
);
const finding = await answer.json();
console.log(JSON.stringify(finding, null, 2));
