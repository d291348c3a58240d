"""Who asks, carried from the gate to the scripts in a header of our own that nobody outside can write.

The gate takes that header out of every request that comes in and puts its own in, sealed with a secret of this
process; Streamlit hands it to the scripts as ``st.user["person"]`` (``server.trustedUserHeaders``), and gives a
session only back to whom it began with.
"""

import secrets
from urllib.parse import quote, unquote

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from kyodo.access.rules import Person, Rules, rules

HEADER = b"x-kyodo-person"
_SEAL = secrets.token_hex(16)


def seal(person: Person) -> bytes:
    """A person as the header's value."""
    return ":".join([_SEAL, "own" if person.own else "", quote(person.identity), quote(person.address)]).encode()


def unseal(value: str | None) -> Person:
    """The person of a header's value; nobody for one this process did not make."""
    parts = (value or "").split(":")
    if len(parts) != 4 or not secrets.compare_digest(parts[0].encode(), _SEAL.encode()):
        return Person()
    return Person(unquote(parts[2]), parts[1] == "own", unquote(parts[3]))


def person() -> Person:
    """Who the running script works for; nobody where the gate did not say so."""
    context = get_script_run_ctx()
    return unseal(context.user_info.get("person")) if context else Person()


def may_write() -> bool:
    """Whether the page's reader may change the record; for pages to show what can be done, not to decide it."""
    return rules().may_write(person())


def why_not() -> str:
    """Why the page's reader may not write, as a sentence."""
    return rules().refusal(person())


def sign_in_wanted() -> Rules | None:
    """The rules where the page's reader must sign in before seeing anything."""
    found = rules()
    return None if found.may_read(person()) else found


def login() -> None:
    """Send the reader to the sign-in service."""
    st.login()
