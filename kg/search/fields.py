"""The fields of the index, and how texts are cut into words and words into stems."""

from typing import Final

import tantivy
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

LANGUAGES: Final = {"nb": "norwegian", "nn": "norwegian", "en": "english"}
"""Languages of the texts → the stemmer and the list of stop words for them."""
FACETS: Final = ("class", "edition")
KINDS: Final = ("name", "other", "quote", "text")
"""Names, other names, what a source says word for word, and descriptions."""
STEMMED: Final = {f"{kind}_{language}": language for kind in KINDS for language in LANGUAGES}
"""Fields that are searched → their language."""
_LONGEST_WORD: Final = 40


def _analyzer(*filters: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD))
    for one in (Filter.lowercase(), *filters):
        builder = builder.filter(one)
    return builder.build()


WORDS: Final = _analyzer()
STEMS: Final = {language: _analyzer(Filter.stemmer(stemmer)) for language, stemmer in LANGUAGES.items()}
CONTENT: Final = _analyzer(*(Filter.stopword(language) for language in sorted(set(LANGUAGES.values()))))
"""The words of a text without those that stand in every text."""


def schema() -> tantivy.Schema:
    """Return the fields: `whole` holds names from end to end, `word` and `name_word` single words as they stand."""
    builder = tantivy.SchemaBuilder()
    for name in ("iri", *FACETS):
        builder.add_text_field(name, stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("whole", "word", "name_word"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name, language in STEMMED.items():
        builder.add_text_field(name, stored=True, tokenizer_name=language)
    return builder.build()


def registered(index: tantivy.Index) -> tantivy.Index:
    """Give an index what cuts the texts of its fields; it does not keep that itself."""
    for language, analyzer in STEMS.items():
        index.register_tokenizer(language, analyzer)
    return index
