"""What a request wants from other servers, fetched before it is evaluated and written into its text.

The engine has no way to ask another server, and its processes cannot open a socket. But what
`SERVICE <iri> { pattern }` gives does not depend on the rest of the query, so its solutions can stand there as VALUES;
and `LOAD <iri>` is an INSERT DATA of what is at the IRI. What cannot be done so is refused. Whether any call is left in
a text is for the parser to say, not for the tokens.
"""

from kg.federation.documents import with_documents
from kg.federation.services import ask, refuse_services, with_services

__all__ = ["ask", "refuse_services", "with_documents", "with_services"]
