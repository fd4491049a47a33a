"""The connector's own lenses: names in two halves, websites for domains, notes with titles and mentions."""

from typing import Any

import pytest
from hub_zoho_crm.lenses import Domain, PersonName
from hub_zoho_crm.texts import Note, PlainText
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk import Lens, RichText

TEXTS = st.text(alphabet="aB 李\n\t*_[]#-@.é\r", max_size=30) | st.sampled_from(
    ["**Call**\n\nHello", "@user:12 look", "a" * 130, "Ana María de la Cruz", "crm[user#12#34]crm", "www.acme.example"]
)
HALVES = st.fixed_dictionaries(
    {
        "first": st.none() | st.text(alphabet="ab 李", min_size=1, max_size=8).map(str.strip).map(lambda t: t or None),
        "last": st.text(alphabet="cd 李", min_size=1, max_size=8).map(str.strip).filter(bool),
    }
)
SITES = st.none() | st.sampled_from(
    ["https://www.acme.example/shop?x=1", "acme.example", "ACME.example", "no site", "http://[", "https://a.b:80"]
)
NOTES = st.none() | st.fixed_dictionaries(
    {
        "title": st.none() | st.sampled_from(["Call", "a  b", "**x**"]),
        "text": st.sampled_from(["", "Hi", "crm[user#12#34]crm, see", "**Call**\n\nx", "a\r\nb", "  indented"]) | TEXTS,
    }
)
LENSES: dict[str, tuple[Lens, st.SearchStrategy[Any]]] = {
    "name": (PersonName("Full_Name"), HALVES),
    "domain": (Domain("Website"), SITES),
    "note": (RichText("body", dialect=Note(), limit=300), NOTES),
    "text": (RichText("Description", dialect=PlainText(), limit=300), st.none() | TEXTS),
}


@pytest.mark.parametrize("name", LENSES)
@given(data=st.data())
def test_both_laws_hold(name: str, data: st.DataObject) -> None:
    lens, remotes = LENSES[name]
    value, remote = data.draw(TEXTS), data.draw(remotes)
    shown = lens.to_remote(value, current=remote)
    assert lens.to_canonical(shown, current=value) == value
    assert lens.to_remote(value, current=shown) == shown
    assert lens.to_remote(lens.to_canonical(remote, current=value), current=remote) == remote


@pytest.mark.parametrize(
    ("name", "current", "divided"),
    [
        ("Ana de la Cruz", None, ("Ana de la", "Cruz")),
        ("Ana de la Cruz", {"first": "Ana", "last": "de la Cruz"}, ("Ana", "de la Cruz")),
        ("Eva de la Cruz", {"first": "Ana", "last": "de la Cruz"}, ("Eva", "de la Cruz")),
        ("Ana Maria Braun", {"first": "Ana Maria", "last": "Cruz"}, ("Ana Maria", "Braun")),
        ("李伟", None, (None, "李伟")),
        ("李伟", {"first": "Wei", "last": "Li"}, (None, "李伟")),
        ("", None, (None, "(unnamed)")),
        ("x" * 50 + " y", None, (None, "x" * 50 + " y")),
    ],
)
def test_a_new_name_is_divided_where_the_old_one_was(name: str, current: Any, divided: tuple[Any, str]) -> None:
    first, last = divided
    assert PersonName("Full_Name").to_remote(name, current=current) == {"first": first, "last": last}


def test_an_address_stays_while_its_domain_does() -> None:
    lens, address = Domain("Website"), "http://www.acme.example/de/"
    assert lens.get(address) == "acme.example"
    assert lens.to_remote("acme.example", current=address) == address
    assert lens.to_remote("other.example", current=address) == "https://other.example"
    assert lens.to_remote(None, current=address) is None


def test_a_note_keeps_its_title_and_its_mentions_when_its_words_change() -> None:
    lens = RichText("body", dialect=Note())
    note = {"title": "Call", "text": "crm[user#12#34]crm agreed"}
    assert lens.get(note) == "**Call**\n\n@user:12 agreed"
    edited = lens.to_remote("**Call**\n\n@user:12 agreed, @user:99 not", current=note)
    assert edited == {"title": "Call", "text": "crm[user#12#34]crm agreed, @user:99 not"}
    assert lens.to_remote("All new", current=note) == {"title": None, "text": "All new"}
