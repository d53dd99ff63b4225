"""Full-text search in one version: an index of names and texts, made once, and what is asked of it.

What people write never reaches a query language: their words are cut out, and the query is built of them. How many
words, variants of a word and hits there can be is bounded, so that no request costs much more than another.
"""

from kg.search.asking import Found, Hit, Index, Meant, corrected, opened
from kg.search.marking import Passage, Piece
from kg.search.writing import write

__all__ = ["Found", "Hit", "Index", "Meant", "Passage", "Piece", "corrected", "opened", "write"]
