// TOKEN holds what `kg token create` printed.
const answer = await fetch("http://127.0.0.1:8000/graphs/notes", {
  method: "PUT",
  headers: { Authorization: `Bearer ${process.env.TOKEN}`, "Content-Type": "text/turtle" },
  body: `
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    <https://w3id.org/praksisgrafen/id/finding/ladder-bodies-municipalities-article-2020>
      rdfs:seeAlso <https://example.org/analysis> .`,
});
if (!answer.ok) throw new Error(await answer.text());
console.log(answer.status);
