const answer = await fetch("http://127.0.0.1:8000/sparql", {
  method: "POST",
  body: new URLSearchParams({ query: "SELECT ?finding WHERE { ?finding }" }),
});
if (answer.headers.get("Content-Type") === "application/problem+json") {
  const { status, title, detail } = await answer.json();
  console.log(status, title, detail);
}
