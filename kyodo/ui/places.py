"""The pages and where they stand in the navigation: the one list that the shell, the tests and the guides read."""

from dataclasses import dataclass

LOOK, MANAGE, WITHIN = "見る", "管理", "このプラン"  # the last is no group: pages reached from that page


@dataclass(frozen=True, slots=True)
class Place:
    """One page: its script and address (blank for the first page), its name in the navigation, its heading, its group."""

    script: str
    name: str
    group: str = LOOK
    heading: str = ""
    first: bool = False

    @property
    def path(self) -> str:
        """Its address within the application."""
        return "" if self.first else self.script

    @property
    def title(self) -> str:
        """Its heading, which is its name where it has no other."""
        return self.heading or self.name


PLACES = (
    Place("overview", "概要", first=True),
    Place("indicators", "成果指標"),
    Place("items", "推進項目"),
    Place("progress", "進行管理"),
    Place("meeting", "会議"),
    Place("about", "このプラン", heading="このプランについて"),
    Place("past", "前期の検証", group=WITHIN),
    Place("register", "登録", group=MANAGE, heading="調査データの登録"),
    Place("history", "履歴", group=MANAGE),
    Place("addressees", "宛先", group=MANAGE),
)


def grouped(writes: bool) -> dict[str, list[Place]]:
    """The places by group; what is for managing only where the reader may write (else it is reached by its address)."""
    shown = {group: [each for each in PLACES if each.group == group] for group in (LOOK, MANAGE, WITHIN)}
    return shown if writes else {LOOK: shown[LOOK], WITHIN: [*shown[WITHIN], *shown[MANAGE]]}
