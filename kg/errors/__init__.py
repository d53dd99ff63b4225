"""Every error the project raises on purpose, in one tree.

    PraksisError                     500
    ├── QueryError                   400   the query cannot be answered as asked
    │   ├── QuerySyntaxError         400   line, column, token
    │   ├── QueryEvaluationError     400   an unknown function, a service that failed
    │   ├── ServiceForbidden         403   SERVICE outside the allow list
    │   ├── ServiceNotCallable       501   SERVICE inside the allow list, in a place where it cannot be called from here
    │   ├── NotCitable               422   the answer has no hash that lasts
    │   ├── NotInXml                 406   the answer has a character that XML cannot hold
    │   └── NotAcceptable            406   no acceptable media type for this form of query
    ├── LimitExceeded                      a published limit was reached; nothing of the answer is sent
    │   ├── QueryTimeout             503   limit in seconds
    │   ├── UpdateTimeout            503   limit in seconds
    │   ├── UpdateTooLarge           413   limit in bytes on disk
    │   ├── QueryMemoryExceeded      503   limit in bytes
    │   ├── RemoteTooLarge           422   what another server answered; limit in bytes or rows
    │   ├── ResultTooLarge           422   limit in bytes or rows
    │   └── RangeTooLarge            422   too much changed between two versions; limit in statements
    ├── RemoteError                  502   another server was to be asked, for a SERVICE or a LOAD
    │   ├── RemoteFailed             502   it did not answer as it should
    │   └── RemoteForbidden          403   it, or one it redirects to, must not be asked
    ├── QueryCancelled               503   its client or an operator ended it
    │   └── UpdateCancelled          503   nothing of it was kept
    ├── EngineUnavailable            503   retry_after, in seconds
    │   ├── EngineBusy               503   no worker was free in time
    │   ├── SpoolFull                503   no room for large answers until others have been sent
    │   ├── BeingMade                503   a file that takes a while to make
    │   ├── NotIndexed               503   the search index that a query asks is not made yet
    │   └── WorkerCrashed            503   the worker died under this query
    ├── EditError                    400   the edit cannot be made as asked; nothing of it was kept
    │   ├── LoadForbidden            403   LOAD outside the allow list
    │   ├── ContextForbidden         403   a JSON-LD document whose context is elsewhere
    │   ├── GraphNotWritable         403   the default graph, and graphs that only rules write to
    │   ├── UnknownGraph             404   the graph to delete is not there
    │   ├── PreconditionFailed       412   the graph is not, or is, what If-Match or If-None-Match name
    │   ├── DocumentSyntaxError      400   line and column, where they are known
    │   ├── UnfitTerm                422   a literal against its datatype, a term that cannot be validated
    │   ├── SaidTwice                422   a statement that would stand in two graphs
    │   └── InvalidEdit              422   results of the SHACL validation
    ├── InvalidInput                 422   the files or the graph have faults; all of them, each with its place
    ├── InvalidToken                 400   a token cannot be made or revoked as asked
    ├── TokensError                  500   the file of tokens cannot be used
    └── VersionError                 500   the home cannot be read or written
        ├── UnknownVersion           404   there is no such version
        │   └── PrunedVersion        410   it was removed
        ├── EditsInTheWay            409   a build would lose edits
        ├── HomeBusy                 503   another process is writing
        └── DiskLow                  507   too little room on the disk to write

Each area is a module of this package; everybody imports from here. The HTTP status is on the class. `members()` are the
further members of the `application/problem+json` answer; they are also the arguments of the constructor, so an error
can be rebuilt in another process.

What an error says is a template in English with values at `%(name)s`: the server translates the template, and the first
line of the docstring for the page of the kind. The value `words` is what a library said, in English; it stays as it is.
"""

from kg.errors.base import N_, Member, PraksisError, filled
from kg.errors.edits import (
    ContextForbidden,
    DocumentSyntaxError,
    EditError,
    GraphNotWritable,
    InvalidEdit,
    LoadForbidden,
    PreconditionFailed,
    SaidTwice,
    UnfitTerm,
    UnknownGraph,
)
from kg.errors.engine import BeingMade, EngineBusy, EngineUnavailable, NotIndexed, SpoolFull, WorkerCrashed
from kg.errors.files import Fault, InvalidInput
from kg.errors.home import (
    DiskLow,
    EditsInTheWay,
    HomeBusy,
    InvalidToken,
    PrunedVersion,
    TokensError,
    UnknownVersion,
    VersionError,
)
from kg.errors.limits import (
    LimitExceeded,
    QueryMemoryExceeded,
    QueryTimeout,
    RangeTooLarge,
    RemoteTooLarge,
    ResultTooLarge,
    UpdateTimeout,
    UpdateTooLarge,
)
from kg.errors.queries import (
    NotAcceptable,
    NotCitable,
    NotInXml,
    QueryCancelled,
    QueryError,
    QueryEvaluationError,
    QuerySyntaxError,
    ServiceForbidden,
    ServiceNotCallable,
    UpdateCancelled,
)
from kg.errors.remote import RemoteError, RemoteFailed, RemoteForbidden

__all__ = [
    "N_",
    "BeingMade",
    "ContextForbidden",
    "DiskLow",
    "DocumentSyntaxError",
    "EditError",
    "EditsInTheWay",
    "EngineBusy",
    "EngineUnavailable",
    "Fault",
    "GraphNotWritable",
    "HomeBusy",
    "InvalidEdit",
    "InvalidInput",
    "InvalidToken",
    "LimitExceeded",
    "LoadForbidden",
    "Member",
    "NotAcceptable",
    "NotCitable",
    "NotInXml",
    "NotIndexed",
    "PraksisError",
    "PreconditionFailed",
    "PrunedVersion",
    "QueryCancelled",
    "QueryError",
    "QueryEvaluationError",
    "QueryMemoryExceeded",
    "QuerySyntaxError",
    "QueryTimeout",
    "RangeTooLarge",
    "RemoteError",
    "RemoteFailed",
    "RemoteForbidden",
    "RemoteTooLarge",
    "ResultTooLarge",
    "SaidTwice",
    "ServiceForbidden",
    "ServiceNotCallable",
    "SpoolFull",
    "TokensError",
    "UnfitTerm",
    "UnknownGraph",
    "UnknownVersion",
    "UpdateCancelled",
    "UpdateTimeout",
    "UpdateTooLarge",
    "VersionError",
    "WorkerCrashed",
    "filled",
]

for _kind in [thing for thing in list(vars().values()) if isinstance(thing, type) and issubclass(thing, PraksisError)]:
    # Logs and tracebacks name an error by where it is imported from, not by the file that it stands in.
    _kind.__module__ = __name__
