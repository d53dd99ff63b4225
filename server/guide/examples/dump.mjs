import { writeFile } from "node:fs/promises";

const answer = await fetch("http://127.0.0.1:8000/downloads/latest/praksisgrafen.nt");
const graph = await answer.text();
await writeFile("praksisgrafen.nt", graph);
console.log(graph.trimEnd().split("\n").length, "statements");
