"""Message-IDs, tokens and addresses with tokens."""

import re

import pytest
from hub_email.composing import check_token, message_id, plus_address, token, token_in
from hypothesis import given
from hypothesis import strategies as st

SECRET = b"a secret of this hub"
OWN = "hub@example.com"
WORDS = st.text(max_size=300)
HOSTS = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,20}[a-z0-9])?){1,7}", fullmatch=True)
PARTS = st.tuples(WORDS, WORDS, WORDS, st.integers(0, 10**12))


@given(PARTS, HOSTS)
def test_a_message_id_is_ascii_short_and_well_formed(parts: tuple[str, str, str, int], host: str) -> None:
    made = message_id(*parts, host)
    assert re.fullmatch(r"<[A-Za-z0-9.-]+@[a-z0-9.-]+>", made)
    assert ".." not in made.partition("@")[0]
    assert len(made) <= 250


@given(PARTS, PARTS)
def test_message_ids_are_equal_only_for_the_same_news(
    one: tuple[str, str, str, int], two: tuple[str, str, str, int]
) -> None:
    assert (message_id(*one, "example.com") == message_id(*two, "example.com")) == (one == two)


def test_parts_of_a_message_id_are_not_run_together() -> None:
    assert message_id("h", "ab", "c", 1, "example.com") != message_id("h", "a", "bc", 1, "example.com")
    assert message_id("h", "a", "b", 1, "example.com") != message_id("g", "a", "b", 1, "example.com")


def test_a_message_id_never_changes_from_one_release_to_the_next() -> None:
    """A mail sent before an upgrade and repeated after it must be recognised."""
    made = message_id("hub-1", "REQ-12", "update", 3, "mail.example.com")
    assert made == "<hub.REQ-12.update.3.loxonyxqw2hrswhehdcfdrkbga@mail.example.com>"


@pytest.mark.parametrize("domain", ["", "a b.com", "exa\r\nmple.com", "-a.com", "a..b", "x>y.com", "a." * 120 + "com"])
def test_a_message_id_needs_a_domain(domain: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        message_id("h", "t", "w", 1, domain)


def test_domains_in_other_scripts_are_written_in_ascii() -> None:
    assert message_id("h", "t", "w", 1, "例子.cn").endswith("@xn--fsqu00a.cn>")


@given(WORDS, WORDS)
def test_a_token_is_accepted_in_any_case(thread: str, address: str) -> None:
    made = token(SECRET, thread, address)
    assert re.fullmatch("[a-z2-7]{16,26}", made)
    assert check_token(SECRET, thread, address, made.upper())


@given(st.tuples(WORDS, st.emails()), st.tuples(WORDS, st.emails()))
def test_a_token_opens_one_thread_to_one_address(mine: tuple[str, str], theirs: tuple[str, str]) -> None:
    same = mine[0] == theirs[0] and mine[1].lower() == theirs[1].lower()
    assert check_token(SECRET, *theirs, token(SECRET, *mine)) == same


@given(st.text(max_size=30))
def test_what_is_no_token_is_refused(given_token: str) -> None:
    assert not check_token(SECRET, "REQ-12", "li@client.cn", given_token)


def test_another_secret_makes_another_token() -> None:
    assert not check_token(b"another", "t", "a@b.cn", token(SECRET, "t", "a@b.cn"))
    with pytest.raises(ValueError, match="empty secret"):
        token(b"", "t", "a@b.cn")


@given(st.from_regex(r"[a-z0-9.+_-]{1,43}", fullmatch=True), HOSTS, WORDS)
def test_a_token_is_found_again_in_its_address(local: str, host: str, thread: str) -> None:
    own, made = f"{local}@{host}", token(SECRET, thread, "li@client.cn")
    longer = plus_address(own, made)
    assert len(longer.rpartition("@")[0].encode()) <= 64
    assert token_in(longer, own) == token_in(longer.upper(), own) == token_in(f"<{longer}>", own) == made


@pytest.mark.parametrize(
    "address",
    [OWN, "hub+@example.com", "hub+short@example.com", "hub+abcdefghij1890abcdef@example.com", "", "@",
     "hub+abcdefghijklmnopqrst@example.org", "bug+abcdefghijklmnopqrst@example.com", "hub+" + "a" * 27 + "@example.com"],
)  # fmt: skip
def test_other_addresses_hold_no_token(address: str) -> None:
    assert token_in(address, OWN) is None


def test_an_address_too_long_for_a_token_is_said_so() -> None:
    with pytest.raises(ValueError, match="43 octets at most"):
        plus_address("a" * 44 + "@example.com", token(SECRET, "t", "a@b.cn"))


@pytest.mark.parametrize(("address", "made"), [("hub", "a" * 20), ("@x.com", "a" * 20), (OWN, "a+b"), (OWN, "a\r\nb")])
def test_only_addresses_and_tokens_are_joined(address: str, made: str) -> None:
    with pytest.raises(ValueError, match=r"no (mail address|token)"):
        plus_address(address, made)
