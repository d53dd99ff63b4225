"""How many requests of a client a server process has under way."""

import threading
from collections import Counter


class Concurrency:
    """The requests of each client that have begun and not ended; `most` of one client at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._under_way = Counter[str]()

    def enter(self, client: str) -> bool:
        """Begin a request of a client; False where it has too many under way."""
        with self._lock:
            if self._under_way[client] >= self.most:
                return False
            self._under_way[client] += 1
            return True

    def leave(self, client: str) -> None:
        """End a request of a client."""
        with self._lock:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]
