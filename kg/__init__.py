"""Praksisgrafen: model, validate, version and query the graph of the survey IT i praksis."""
