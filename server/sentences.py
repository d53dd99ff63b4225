"""Figures in words: one sentence that a reader needs no code list to understand, and that says no more than the source.

The words for populations, levels, indicators and some findings stand in the graph (`pg:inSentence`); the grammar around
them is here.
Whatever lacks such words, or is of a kind that has no sentence, is said plainly: indicator, figure, population, year.
"""

import re
from decimal import Decimal
from typing import Final

from server import language as lang
from server.figures import Book, Thing
from server.language import N_

_LEVEL: Final = N_("%(amount)s of %(population)s %(predicate)s %(when)s")
_COUNT: Final = N_("%(amount)s %(population)s %(predicate)s %(when)s")
_PLAIN: Final = N_("%(indicator)s: %(amount)s %(who)s %(when)s")
_RISE: Final = N_("The share of %(group)s rose by %(amount)s %(span)s")
_FALL: Final = N_("The share of %(group)s fell by %(amount)s %(span)s")
_SAME: Final = N_("The share of %(group)s was unchanged %(span)s")
_HIGHER: Final = N_("In %(year)s the share of %(group)s was %(amount)s higher than among %(other)s")
_LOWER: Final = N_("In %(year)s the share of %(group)s was %(amount)s lower than among %(other)s")
_TIMES: Final = N_("In %(year)s it was %(times)s as common as in %(base)s that %(population)s %(predicate)s")
_PEOPLE: Final = {"inhabitants", "leaders", "employees"}
_ADVERB: Final = re.compile(r"^(\w+) \{scale\}")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_CENT: Final = re.compile(r"\s+([,.:;])")


def amount(figure: Thing, book: Book) -> str:
    """Write a figure with its unit, and with “more than” or “about” where it is no exact value."""
    number = figure.number()
    if number is None:
        return ""
    sign = "+" if figure.code("pg:kind") in ("change", "difference") and number > 0 else ""
    return _reserved(sign + _with_unit(figure, number, book), figure, book)


def encoded(figure: Thing, book: Book) -> str:
    """Write a figure as it is kept: with all its digits, and with its bound."""
    written = _with_unit(figure, figure.number() or Decimal(0), book, is_rounded=False)
    about = N_("about %(amount)s") if figure.code("pg:precision") == "approximate" else "%(amount)s"
    return _say(book, _bound(figure) or about, amount=written)


def sentence(figure: Thing, book: Book) -> str:
    """Say a figure in one sentence, a second one for what the source leaves open; empty where there is no figure."""
    if figure.number() is None:
        return ""
    said = _by_kind(figure, book) or _plain(figure, book)
    if figure.code("pg:precision") == "figurative":
        said = _say(book, N_("The source says figuratively that %(sentence)s"), sentence=said)
    closed = _closed(said)
    return " ".join([closed, *_reservations(figure, book)])


def _by_kind(figure: Thing, book: Book) -> str:
    makers = {"level": _level, "change": _change, "difference": _difference, "ratio": _ratio}
    maker = makers.get(figure.code("pg:kind"))
    return maker(figure, book) if maker else ""


def _level(figure: Thing, book: Book) -> str:
    phrase = book.predicate(figure)
    if "{amount}" in phrase:
        return _filled(phrase, figure, book)
    predicate, population = _filled(phrase, figure, book), book.phrase(figure.one("pg:population"))
    if not (predicate and population):
        return ""
    if figure.one("pg:numerator") or figure.code("sdmx-attribute:unitMeasure") == "count":
        return _say(
            book, _COUNT, amount=_of_so_many(figure, book) or amount(figure, book), predicate=predicate,
            population=_counted(figure, book), when=_when(figure, book),
        )  # fmt: skip
    if figure.code("sdmx-attribute:unitMeasure") != "percent":
        return ""
    return _say(
        book, _LEVEL, amount=amount(figure, book), population=population, predicate=predicate, when=_when(figure, book)
    )


def _of_so_many(figure: Thing, book: Book) -> str:
    numerator, denominator = (_number(figure.one(f"pg:{name}"), book) for name in ("numerator", "denominator"))
    if not numerator:
        return ""
    return _say(book, N_("%(numerator)s in %(denominator)s"), numerator=numerator, denominator=denominator)


def _counted(figure: Thing, book: Book) -> str:
    """Name the population of a count; a fraction says besides what it comes to in per cent."""
    name = book.labels.text(figure.one("pg:population")).value
    return f"{name} ({amount(figure, book)})" if figure.one("pg:numerator") else name


def _change(figure: Thing, book: Book) -> str:
    group, number = _group(figure, book), figure.number() or Decimal(0)
    years = _span(figure, book)
    if not (group and years and figure.code("sdmx-attribute:unitMeasure") == "percentage-point"):
        return ""
    message = _RISE if number > 0 else _FALL if number < 0 else _SAME
    return _say(book, message, group=group, amount=_size(figure, book), span=years)


def _difference(figure: Thing, book: Book) -> str:
    group, other = _group(figure, book), figure.one("pg:comparisonPopulation")
    year = figure.code("sdmx-dimension:refPeriod")
    unit = figure.code("pg:assumedUnit") or figure.code("sdmx-attribute:unitMeasure")
    if not (group and book.phrase(other) and year and unit == "percentage-point"):
        return ""
    message = _LOWER if (figure.number() or 0) < 0 else _HIGHER
    return _say(book, message, year=year, group=group, amount=_size(figure, book), other=book.labels.text(other).value)


def _ratio(figure: Thing, book: Book) -> str:
    predicate = _filled(_subordinate(book.predicate(figure)), figure, book)
    year, base = figure.code("sdmx-dimension:refPeriod"), figure.code("pg:basePeriod")
    if not (predicate and book.phrase(figure.one("pg:population")) and year and base):
        return ""
    return _say(
        book, _TIMES, year=year, base=base, times=_times(figure, book), predicate=predicate,
        population=book.labels.text(figure.one("pg:population")).value,
    )  # fmt: skip


def _times(figure: Thing, book: Book) -> str:
    number = figure.number() or Decimal(0)
    message = {Decimal("0.5"): N_("half"), Decimal(2): N_("twice")}.get(number, N_("%(number)s times"))
    return _reserved(_say(book, message, number=_number(str(number), book)), figure, book)


def _plain(figure: Thing, book: Book) -> str:
    population = figure.one("pg:population")
    who = f"({book.labels.text(population).value})" if figure.code("pg:population") else ""
    kind = "" if figure.code("pg:kind") == "level" else f"{book.labels.text(figure.one('pg:kind')).value} "
    return _say(
        book, _PLAIN, indicator=book.labels.text(figure.one("pg:indicator")).value, who=who,
        amount=kind + amount(figure, book), when=_span(figure, book) or _when(figure, book),
    )  # fmt: skip


def _reservations(figure: Thing, book: Book) -> list[str]:
    found = []
    if figure.one("pg:population").endswith("/not-stated"):
        found.append(_say(book, N_("The source does not say whom or what the figure is about.")))
    assumed = figure.one("pg:assumedUnit")
    if assumed:
        unit = book.labels.text(figure.one("sdmx-attribute:unitMeasure")).value
        message = N_("The source writes “%(unit)s”; we assume that “%(meant)s” is meant.")
        found.append(_say(book, message, unit=unit, meant=_plural(assumed, book)))
    return found


def _plural(unit: str, book: Book) -> str:
    """Name a unit as it stands behind a number, as far as it is then another word."""
    if unit.endswith("/percentage-point"):
        return _say(book, N_("percentage points"))
    return book.labels.text(unit).value


def _group(figure: Thing, book: Book) -> str:
    """Name those a share counts: “municipalities that …”."""
    phrase, population = book.predicate(figure), figure.one("pg:population")
    predicate = _filled(_subordinate(phrase), figure, book)
    if not (predicate and book.phrase(population)) or "{amount}" in phrase:
        return ""
    people = book.counts(population) in _PEOPLE
    message = N_("%(population)s who %(predicate)s") if people else N_("%(population)s that %(predicate)s")
    return _say(book, message, population=book.labels.text(population).value, predicate=predicate)


def _subordinate(phrase: str) -> str:
    """Put the extent before the verb, as Norwegian has it in a subordinate clause: «som i stor grad involverte …»."""
    return _ADVERB.sub(r"{scale} \1", phrase)


def _filled(phrase: str, figure: Thing, book: Book) -> str:
    """Fill the places in the words of an indicator; empty where the figure has nothing for one that is needed."""
    scale = book.labels.text(figure.one("pg:scale")).value if figure.code("pg:scale") else ""
    values = {
        "scale": scale,
        "level": book.phrase(figure.one("pg:level")),
        "amount": amount(figure, book),
        "population": book.labels.text(figure.one("pg:population")).value,
        "year": figure.code("sdmx-dimension:refPeriod"),
    }
    wanted = set(_SLOT.findall(phrase))
    if not phrase or any(not values.get(name) for name in wanted - {"scale"}):
        return ""
    filled = _SLOT.sub(lambda match: values.get(match[1], ""), phrase)
    return filled if "scale" in wanted or not scale else f"{filled} ({scale})"


def _when(figure: Thing, book: Book) -> str:
    year = figure.code("sdmx-dimension:refPeriod")
    return _say(book, N_("in %(year)s"), year=year) if year else ""


def _span(figure: Thing, book: Book) -> str:
    year, base = figure.code("sdmx-dimension:refPeriod"), figure.code("pg:basePeriod")
    return _say(book, N_("from %(base)s to %(year)s"), base=base, year=year) if year and base else ""


def _size(figure: Thing, book: Book) -> str:
    """Write the size of a change or a difference; the sentence says which way it goes."""
    return _reserved(_with_unit(figure, abs(figure.number() or Decimal(0)), book), figure, book)


def _with_unit(figure: Thing, number: Decimal, book: Book, *, is_rounded: bool = True) -> str:
    unit = figure.one("sdmx-attribute:unitMeasure")
    is_coarse = is_rounded and _is_about(figure) and abs(number) >= 1
    shown = number.quantize(Decimal(1), "ROUND_HALF_UP") if is_coarse else number
    text = _number(str(shown), book)
    name = unit.rpartition("/")[2]
    if name in ("count", "ordinal", ""):
        return text
    if name == "percentage-point":
        words = lang.words(book.labels.language)
        plural = 1 if shown == 1 else 2
        found = words.ngettext("%(number)s percentage point", "%(number)s percentage points", plural)
        return str(found) % {"number": text}
    messages = {
        "percent": N_("%(number)s per cent"),
        "page": N_("%(number)s pages"),
        "factor": N_("%(number)s times"),
    }
    return _say(book, messages[name], number=text) if name in messages else f"{text} {book.labels.text(unit).value}"


def _is_about(figure: Thing) -> bool:
    return figure.code("pg:precision") in ("fraction", "approximate")


def _reserved(written: str, figure: Thing, book: Book) -> str:
    """Put “more than”, “less than” or “about” before an amount."""
    about = N_("about %(amount)s") if _is_about(figure) else "%(amount)s"
    return _say(book, _bound(figure) or about, amount=written)


def _bound(figure: Thing) -> str:
    """Return the words for a bound, empty where the figure is the value itself."""
    is_count = figure.code("sdmx-attribute:unitMeasure") == "count"
    return {
        "lower": N_("over %(amount)s") if is_count else N_("more than %(amount)s"),
        "upper": N_("under %(amount)s") if is_count else N_("less than %(amount)s"),
    }.get(figure.code("pg:bound"), "")


def _number(text: str, book: Book) -> str:
    return lang.number(text, book.labels.language)


def _say(book: Book, message: str, **values: str) -> str:
    said = lang.words(book.labels.language).gettext(message) % values
    return _CENT.sub(r"\1", " ".join(said.split(" ")).strip()).replace("  ", " ")


def _closed(said: str) -> str:
    """Begin with a capital and end with a full stop."""
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")
