// The answer to a stored query, one object a row.
const answer = await fetch("http://127.0.0.1:8000/queries/maturity-ladder.json?lang=en");
if (!answer.ok) throw new Error(await answer.text());
const { results } = await answer.json();
for (const row of results.bindings) {
  const values = Object.entries(row).map(([name, term]) => [name, term.value]);
  console.log(Object.fromEntries(values));
}
