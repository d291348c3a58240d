"""Who a request comes from, as far as anybody vouches for it: this machine itself, a named proxy, a signed cookie."""

from starlette.datastructures import Headers

from kyodo.access.rules import Person, Rules

OWN_NAMES = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
_LONGEST = 200  # characters of an identity


def person_of(headers: Headers, peer: str, known: Rules, *, own: bool) -> Person:
    """The person of a request from the address ``peer``; ``own`` says that only this machine reaches the server."""
    if not known.configured:
        here = own and peer in OWN_NAMES and not any(each in headers for each in _FORWARDED)
        return Person(own=here, address=peer)
    believed = known.believes(peer)
    sources = {"header": _said_by_proxy if believed else _nobody, "login": _signed_in}
    identity = sources.get(known.sign_in, _nobody)(headers, known)
    address = headers.get("x-forwarded-for", "").rpartition(",")[2].strip() if believed else ""
    return Person(identity[:_LONGEST], address=address or peer)


def _nobody(headers: Headers, known: Rules) -> str:
    return ""


def _said_by_proxy(headers: Headers, known: Rules) -> str:
    """The proxy's header; nobody for two of them, as one is forged. Names beyond ASCII come as UTF-8."""
    said = headers.getlist(known.header)
    if len(said) != 1:
        return ""
    try:
        return said[0].encode("latin-1").decode("utf-8").strip()
    except UnicodeDecodeError:
        return said[0].strip()


def _signed_in(headers: Headers, known: Rules) -> str:
    from kyodo.access.cookie import identity_of  # Streamlit's sign-in, only where it is used

    return identity_of(headers, known.claim)
