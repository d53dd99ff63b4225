"""Compare our server with oxigraph server and rdflib-endpoint: `make bench`.

Five interleaved rounds of `wrk -c8`, the median of each, and the ratios the project promises. The figures themselves
say as much about the machine, and about who else uses it, as about the servers: only ratios mean something.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import servers

TINY = (
    "SELECT ?name%d WHERE { <https://w3id.org/praksisgrafen/id/source/tale> "
    "<http://www.w3.org/2004/02/skos/core#prefLabel> ?name%d }"
)
ROWS = "SELECT ?s ?p ?o%d WHERE { ?s ?p ?o%d } LIMIT 10000"


@dataclass
class Measure:
    """One server asked one query in one way. Units: requests a second, milliseconds."""

    name: str
    url: str
    query: str
    distinct: bool = True
    tag: str = ""
    rates: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    failed: int = 0

    def run(self, seconds: float, first: int) -> None:
        """Measure once more."""
        environ = {
            "BENCH_QUERY": self.query,
            "BENCH_DISTINCT": "1" if self.distinct else "0",
            "BENCH_FIRST": str(first),
            **({"BENCH_TAG": self.tag} if self.tag else {}),
        }
        script = str(Path(__file__).with_name("request.lua"))
        command = ["wrk", "-t2", "-c8", f"-d{seconds:g}s", "--timeout", "30s", "-s", script, self.url]
        done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=True)
        line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT")), None)
        if line is None:
            raise SystemExit(f"wrk said nothing of {self.name}:\n{done.stdout}{done.stderr}")
        rate, p99, failed = line.split()[1:]
        self.rates.append(float(rate))
        self.p99s.append(float(p99))
        self.failed += int(failed)

    @property
    def rate(self) -> float:
        """The median of all rounds."""
        return statistics.median(self.rates)

    @property
    def p99(self) -> float:
        """The median of all rounds."""
        return statistics.median(self.p99s)


def entity_tag(url: str, query: str) -> str:
    """Ask for the tag of the answer that is sent again and again, which also puts it into the cache."""
    request = urllib.request.Request(
        f"{url}?{urllib.parse.urlencode({'query': query.replace('%d', '0')})}",
        headers={"Accept": "application/sparql-results+json"},
    )
    with urllib.request.urlopen(request) as answer:
        answer.read()
        return str(answer.headers["ETag"])


def report(measures: dict[str, Measure]) -> bool:
    """Print medians and ratios; tell whether every promise is kept."""
    print(f"\n{'':34}{'requests/s':>12}{'p99 ms':>9}{'failed':>8}")
    for name, measure in measures.items():
        print(f"{name:34}{measure.rate:12.1f}{measure.p99:9.1f}{measure.failed:8d}")
    rate = {name: measure.rate for name, measure in measures.items()}
    ratios = (
        ("cold tiny SELECT / rdflib-endpoint", rate["ours, tiny, cold"] / rate["rdflib-endpoint, tiny"], 4.0),
        ("cold tiny SELECT / oxigraph server", rate["ours, tiny, cold"] / rate["oxigraph, tiny"], 0.12),
        ("cached tiny SELECT / oxigraph server", rate["ours, tiny, cached"] / rate["oxigraph, tiny"], 0.4),
        ("304 / oxigraph server, tiny", rate["ours, tiny, 304"] / rate["oxigraph, tiny"], 0.4),
        ("10,000 rows, cold / oxigraph server", rate["ours, rows, cold"] / rate["oxigraph, rows"], 0.9),
        ("10,000 rows, cached / oxigraph server", rate["ours, rows, cached"] / rate["oxigraph, rows"], 20.0),
    )
    print()
    kept = True
    for name, ratio, least in ratios:
        kept &= ratio >= least
        print(f"{name:40}{ratio:8.2f}   at least {least:g}: {'yes' if ratio >= least else 'NO'}")
    for name in ("ours, tiny, cached", "ours, tiny, 304"):
        kept &= measures[name].p99 < 10
        print(
            f"{name + ', p99':40}{measures[name].p99:8.2f}   under 10 ms: {'yes' if measures[name].p99 < 10 else 'NO'}"
        )
    return kept and not any(measure.failed for measure in measures.values())


def main() -> None:
    """Measure and report; the exit status says whether every promise is kept."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kg", type=Path, default=Path(sys.executable).with_name("kg"))
    arguments.add_argument("--peers", type=Path, required=True, help="folder with oxigraph and rdflib-endpoint")
    arguments.add_argument("--home", type=Path, help="a home to serve; one is built otherwise")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=4)
    chosen = arguments.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="praksisgrafen-bench-")))
        home = chosen.home or folder / "home"
        subprocess.run([chosen.kg, "build", "--home", home], check=not chosen.home)
        triples = folder / "graph.nt"
        with triples.open("wb") as file:
            subprocess.run([chosen.kg, "dump", "--format", "ntriples", "--home", home], stdout=file, check=True)
        own = stack.enter_context(servers.ours(chosen.kg, home, folder))
        oxigraph = stack.enter_context(servers.oxigraph(chosen.peers, triples, folder))
        rdflib = stack.enter_context(servers.rdflib_endpoint(chosen.peers, triples, folder))
        tag = entity_tag(own, TINY)
        every = [
            Measure("oxigraph, tiny", oxigraph, TINY),
            Measure("rdflib-endpoint, tiny", rdflib, TINY),
            Measure("ours, tiny, cold", own, TINY),
            Measure("ours, tiny, cached", own, TINY, distinct=False),
            Measure("ours, tiny, 304", own, TINY, distinct=False, tag=tag),
            Measure("oxigraph, rows", oxigraph, ROWS),
            Measure("ours, rows, cold", own, ROWS),
            Measure("ours, rows, cached", own, ROWS, distinct=False),
        ]
        for number in range(chosen.rounds):
            print(f"round {number + 1} of {chosen.rounds}", flush=True)
            for measure in every:
                measure.run(chosen.seconds, number * 1_000_000)
        sys.exit(0 if report({measure.name: measure for measure in every}) else 1)


if __name__ == "__main__":
    main()
