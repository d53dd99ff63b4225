"""What the page of an indicator shows first: its figures as a chart, what keeps them apart, and the table."""

from typing import Final

from flask import has_request_context, request
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict

from server import charts, queries, selection
from server.labels import Labels, Rows
from server.language import N_
from server.sections.section import Section, terms

_IN_LIST = terms("skos:member")
"""The facts name the list already."""
_MOST: Final = 60
"""How many figures the query in the address of the SPARQL page names."""


def build(rows: Rows, thing: NamedNode, labels: Labels) -> list[Section]:
    """Return the chart of an indicator with the choices in the address, or nothing where there are no figures."""
    given: MultiDict[str, str] = request.args if has_request_context() else MultiDict()
    selected = selection.select(rows, thing.value, labels, given)
    if selected is None:
        return []
    chart = selected.plot.chart
    image = charts.image(chart, "chart") if chart.series else None
    figures = [NamedNode(one.iri) for one in selected.figures][:_MOST]
    query = queries.bind("series", figure=figures) if figures else ""
    return [
        Section(
            name="figures",
            title=N_("The figures"),
            template="indicators/section.html",
            context={
                "selected": selected,
                "plot": selected.plot,
                "image": image,
                "sample": charts.sample,
                "query": query,
            },
            covers=terms("skos:definition"),
            covers_incoming=_IN_LIST
            if selected.is_chosen or not selected.is_whole
            else _IN_LIST | terms("pg:indicator"),
        )
    ]
