"""The lens for acceptance criteria that a service holds as a list of items to tick off."""

from collections.abc import Sequence
from typing import Any

from hub.mapping.lens import Lens
from hub.mapping.lines import one_line
from hub.model import Criterion


class Checklist(Lens):
    """Criteria here, `[{"id"?, "text", "met"}]` there. An item keeps its id, and whatever else it has, while it is there."""

    def get(self, remote: Any) -> tuple[Criterion, ...]:
        """The items in their order."""
        return tuple(Criterion(text=str(item.get("text") or ""), met=bool(item.get("met"))) for item in remote or ())

    def put(self, value: Sequence[Criterion], current: Any) -> Any:
        """The criteria in their order, each on the item that was it; one without words is not shown."""
        if self.get(current) == tuple(value):
            return current
        wanted = [(text, each.met) for each in value if (text := one_line(each.text))]
        items = list(current or ())
        partners = matched([text for text, _ in wanted], [one_line(str(item.get("text") or "")) for item in items])
        shown = [
            _shown(items[partner] if partner is not None else {}, text, met)
            for (text, met), partner in zip(wanted, partners, strict=True)
        ]
        return shown if shown != items else current


def _shown(item: dict[str, Any], text: str, met: bool) -> dict[str, Any]:
    kept = item.get("text") if one_line(str(item.get("text") or "")) == text else text
    return {**item, "text": kept, "met": met}


def matched(wanted: Sequence[str], shown: Sequence[str]) -> list[int | None]:
    """For each wanted text the place of the shown one that it is: the same text, else what is left, in order."""
    free = list(range(len(shown)))
    partners: list[int | None] = []
    for text in wanted:
        partners.append(next((place for place in free if shown[place] == text), None))
        free = [place for place in free if place != partners[-1]]
    left = iter(free)
    return [next(left, None) if partner is None else partner for partner in partners]
