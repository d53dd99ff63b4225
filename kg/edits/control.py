"""Who can end an edit before it is done, and until when."""

from kg.engine.running import Entry, Watch


class Control:
    """The control over one edit: here nobody has any."""

    def check(self) -> None:
        """Look whether the edit was ended.

        Raises: UpdateCancelled.
        """

    def given(self, pid: int) -> None:
        """Note the process that makes the edit.

        Raises: UpdateCancelled when the edit was ended before it had one.
        """

    def settle(self) -> None:
        """Let nobody end the edit from here on: what comes now is the commit.

        Raises: UpdateCancelled when someone has.
        """


class Listed(Control):
    """The control of all who can end what is on a list of running queries."""

    def __init__(self, watch: Watch, entry: Entry) -> None:
        self._watch = watch
        self._entry = entry

    def check(self) -> None:
        """Look whether the edit was ended."""
        self._watch.check(self._entry)

    def given(self, pid: int) -> None:
        """Put the process on the list."""
        self._watch.given(self._entry, pid)

    def settle(self) -> None:
        """Take the edit off the list."""
        self._watch.settle(self._entry)
