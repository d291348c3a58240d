r"""What the operator says about who reads and who writes: ``access.toml``, declared once, read anew when it changes.

Without the file, who sits at the machine itself writes, and a server opened to the network is for reading only.

>>> rules = read_rules(b'sign_in = "header"\nheader = "X-Remote-User"\nproxies = ["127.0.0.1"]\neditors = ["yamada"]')
>>> rules.may_write(Person("yamada")), rules.may_write(Person("sato")), rules.may_write(Person(own=True))
(True, False, False)
"""

import functools
import ipaddress
import logging
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from kyodo.errors import KyodoError

HOW = "docs/operator.md の「だれが登録できるか」"
_SIGN_INS = ("", "header", "login")
_READINGS = ("everyone", "signed-in")


class AccessError(KyodoError):
    """The file ``access.toml`` cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: an identity somebody vouches for, or (``own``) whoever sits at this machine, or nobody known."""

    identity: str = ""
    own: bool = False
    address: str = ""

    @property
    def shown(self) -> str:
        """Who, for the list of refusals."""
        return self.identity or f"サインインなし({self.address or '接続元不明'})"


@dataclass(frozen=True, slots=True)
class Rules:
    """The file's content; a field's name is the file's key. ``configured`` is False where there is no file."""

    configured: bool = False
    hosts: tuple[str, ...] = ()  # names in the browser's address bar
    sign_in: str = ""  # header: a reverse proxy says who; login: Streamlit's OpenID Connect
    header: str = ""
    proxies: tuple[str, ...] = ()  # addresses or networks whose headers are believed
    claim: str = "email"  # what of a login is the identity
    editors: tuple[str, ...] = ()
    reading: str = "everyone"
    peers: tuple[str, ...] = ()  # other servers on the same record, http://address:port
    sessions: int = 400  # pages open at once

    def may_write(self, person: Person) -> bool:
        """Whether somebody may change the record or take originals away."""
        return person.own if not self.configured else bool(person.identity) and person.identity in self.editors

    def may_read(self, person: Person) -> bool:
        """Whether somebody may see the pages."""
        return self.reading == "everyone" or bool(person.identity)

    def refusal(self, person: Person) -> str:
        """Why somebody may not write, and what to do."""
        if not self.configured:
            return f"この画面は閲覧専用です。登録するには、運用担当者が編集者を決める必要があります({HOW})。"
        if not self.sign_in:
            return f"サインインの設定がないため、画面からは登録できません({HOW})。"
        if not person.identity:
            return "サインインしていないため、登録できません。サインインしてからやり直してください。"
        return f"{person.identity} には登録の権限がありません。必要なときは、運用担当者に依頼してください。"

    def believes(self, address: str) -> bool:
        """Whether a request from this address may speak for somebody else."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in ipaddress.ip_network(each, strict=False) for each in self.proxies)


def read_rules(data: bytes) -> Rules:
    """The rules a file holds.

    Raises:
        AccessError: the file is no TOML, or says something that has no meaning here.
    """
    try:
        said = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AccessError(f"access.toml を読めません({error})。書き方を確かめてください。") from error
    kinds = {field.name: field.default for field in fields(Rules) if field.name != "configured"}
    _refuse(said.keys() - kinds.keys(), "は設定の名前ではありません")
    _refuse((key for key, value in said.items() if not _fits(value, kinds[key])), "の値の形が違います")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    rules = Rules(configured=True, **values)
    _refuse(_unusable(rules), "の値を確かめてください")
    return replace(rules, hosts=tuple(each.lower().rstrip(".") for each in rules.hosts))


def _fits(value: object, example: object) -> bool:
    if isinstance(example, tuple):
        return isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value)
    return type(value) is type(example)


def _unusable(rules: Rules) -> Iterable[str]:
    """The keys whose values cannot be used together."""
    by_header = rules.sign_in == "header"
    broken = {
        "sign_in": rules.sign_in not in _SIGN_INS or (rules.editors and not rules.sign_in),
        "reading": rules.reading not in _READINGS or (rules.reading == "signed-in" and not rules.sign_in),
        "header": by_header and not rules.header.strip(),
        "proxies": (by_header and not rules.proxies) or not all(map(_is_network, rules.proxies)),
        "sessions": rules.sessions < 1,
    }
    return [key for key, is_broken in broken.items() if is_broken]


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _refuse(keys: Iterable[str], why: str) -> None:
    if found := sorted(set(keys)):
        raise AccessError(f"access.toml の {'、'.join(found)} {why}({HOW})。")


def rules_file() -> Path:
    """``KYODO_ACCESS``, else ``.streamlit/access.toml`` beside the package."""
    asked = os.environ.get("KYODO_ACCESS", "").strip()
    return Path(asked) if asked else Path(__file__).parents[2] / ".streamlit" / "access.toml"


_last = Rules()


def rules() -> Rules:
    """The rules as the file says them now. A file broken while the server runs leaves nobody who may write."""
    global _last
    try:
        _last = load_rules()
    except AccessError as error:
        logging.getLogger("kyodo.access").error("%s", error)
        _last = replace(_last, configured=True, editors=())
    return _last


def load_rules() -> Rules:
    """The rules as the file says them now.

    Raises:
        AccessError: as :func:`read_rules`, and where the file named by ``KYODO_ACCESS`` is not there.
    """
    file = rules_file()
    try:
        mark = file.stat()
        return _read(file, mark.st_mtime_ns, mark.st_size, mark.st_ino)
    except FileNotFoundError:
        if os.environ.get("KYODO_ACCESS", "").strip():
            raise AccessError(f"KYODO_ACCESS の示すファイル({file})がありません。") from None
        return Rules()
    except OSError:
        raise AccessError(f"{file} を読めません。ファイルの許可を確かめてください。") from None


@functools.lru_cache(maxsize=4)
def _read(file: Path, *mark: int) -> Rules:
    return read_rules(file.read_bytes())
