"""Lists of the Zoho sandbox: pages, tokens, what changed, search and COQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hub_zoho_crm.sandbox import ZohoSandbox
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.sdk.sandbox import Faults
from plugins.zoho_crm.tests.zoho_sandbox_client import HUB_TOKEN, Clock, Zoho, answering, deal


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> ZohoSandbox:
    return ZohoSandbox(now=clock)


@pytest.fixture
async def zoho(sandbox: ZohoSandbox) -> AsyncIterator[Zoho]:
    async with answering(sandbox) as client:
        yield client


def loaded(sandbox: ZohoSandbox, count: int) -> None:
    rows = [{"id": str(554_023_000_009_000_000 + number), **deal(f"Plant {number}")} for number in range(count)]
    sandbox.load({"module": "Deals", "data": rows})


async def everything(zoho: Zoho, query: str) -> list[str]:
    found: list[str] = []
    more, token = True, ""
    while more:
        page = (await zoho.get(f"/Deals?{query}{token}")).json()
        found += [one["id"] for one in page["data"]]
        more, token = page["info"]["more_records"], f"&page_token={page['info']['next_page_token']}"
    return found


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_list_names_its_fields_and_shows_no_others(zoho: Zoho) -> None:
    (made,) = await zoho.made("Deals", deal())
    assert code(await zoho.get("/Deals")) == (400, "REQUIRED_PARAM_MISSING")
    assert code(await zoho.get("/Deals?fields=" + ",".join(f"F{n}" for n in range(51)))) == (400, "LIMIT_EXCEEDED")
    (row,) = (await zoho.get("/Deals?fields=Stage,Nope")).json()["data"]
    assert row == {"Stage": "Qualification", "id": made}


async def test_a_list_of_nothing_has_no_body(zoho: Zoho, clock: Clock) -> None:
    assert (await zoho.get("/Deals?fields=Stage")).content == b""
    (made,) = await zoho.made("Deals", deal())
    since = {"If-Modified-Since": (await zoho.one("Deals", made))["Modified_Time"]}
    unchanged = await zoho.get("/Deals?fields=Stage", headers=since)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (await zoho.get(f"/Deals/{made}", headers=since)).status_code == 304
    clock.pass_time(seconds=1)
    await zoho.changed("Deals", made, Stage="Closed Won")
    assert (await zoho.get("/Deals?fields=Stage", headers=since)).json()["info"]["count"] == 1
    assert (await zoho.get(f"/Deals/{made}", headers=since)).status_code == 200
    assert (await zoho.get("/Deals?fields=Stage&ids=7")).status_code == 204
    wrong = await zoho.get("/Deals?fields=Stage", headers={"If-Modified-Since": "Mon, 02 Nov 2026 09:00:00 GMT"})
    assert code(wrong) == (400, "INVALID_DATA")


async def test_pages_reach_two_thousand_records_and_tokens_all(zoho: Zoho, sandbox: ZohoSandbox) -> None:
    loaded(sandbox, 2_300)
    last = (await zoho.get("/Deals?fields=id&page=10")).json()["info"]
    assert (last["count"], last["more_records"]) == (200, True)
    assert code(await zoho.get("/Deals?fields=id&page=11")) == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    found = await everything(zoho, "fields=id")
    assert len(found) == 2_300
    assert found == sorted(found, reverse=True)


async def test_a_page_has_at_most_two_hundred_records(zoho: Zoho) -> None:
    assert code(await zoho.get("/Deals?fields=id&per_page=201")) == (400, "PATTERN_NOT_MATCHED")
    assert code(await zoho.get("/Deals?fields=id&sort_by=Stage")) == (400, "INVALID_DATA")


async def test_a_token_is_bound_to_its_user_its_parameters_and_a_day(
    zoho: Zoho, sandbox: ZohoSandbox, clock: Clock
) -> None:
    loaded(sandbox, 3)
    token = (await zoho.get("/Deals?fields=id&per_page=1")).json()["info"]["next_page_token"]
    good = f"/Deals?fields=id&per_page=1&page_token={token}"
    assert (await zoho.get(good)).json()["info"]["page"] == 2
    assert code(await zoho.get(f"{good}&page=2")) == (400, "AMBIGUITY_DURING_PROCESSING")
    assert code(await zoho.get(good.replace("per_page=1", "per_page=2"))) == (400, "TOKEN_BOUND_DATA_MISMATCH")
    assert code(await zoho.get(good + "x")) == (400, "INVALID_DATA")
    async with answering(sandbox, HUB_TOKEN) as other:
        assert code(await other.get(good)) == (400, "INVALID_DATA")
    clock.pass_time(hours=25)
    assert code(await zoho.get(good)) == (400, "EXPIRED_VALUE")


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 12), size=st.integers(1, 5), sort=st.sampled_from(["id", "Modified_Time", "Created_Time"]))
async def test_tokens_give_every_record_once_whatever_the_order(count: int, size: int, sort: str) -> None:
    sandbox = ZohoSandbox()
    loaded(sandbox, count)
    async with answering(sandbox) as zoho:
        for order in ("asc", "desc"):
            found = await everything(zoho, f"fields=id&per_page={size}&sort_by={sort}&sort_order={order}")
            assert len(found) == len(set(found)) == count
            assert found == sorted(found, reverse=order == "desc")


async def test_records_added_meanwhile_do_not_shift_what_a_token_gives(zoho: Zoho) -> None:
    made = await zoho.made("Deals", *(deal(str(number)) for number in range(4)))
    first = (await zoho.get("/Deals?fields=id&per_page=2")).json()
    await zoho.made("Deals", deal("new"))
    second = (await zoho.get(f"/Deals?fields=id&per_page=2&page_token={first['info']['next_page_token']}")).json()
    assert [one["id"] for one in [*first["data"], *second["data"]]] == made[::-1]


async def test_converted_leads_are_shown_to_those_who_ask(zoho: Zoho, sandbox: ZohoSandbox) -> None:
    gone, here = {"id": "1", "Last_Name": "Sun", "Converted__s": True}, {"id": "2", "Last_Name": "Moon"}
    sandbox.load({"module": "Leads", "data": [gone, here]})
    for asked, names in (("", ["Moon"]), ("&converted=true", ["Sun"]), ("&converted=both", ["Moon", "Sun"])):
        rows = (await zoho.get(f"/Leads?fields=Last_Name{asked}")).json()["data"]
        assert [row["Last_Name"] for row in rows] == names


async def test_search_lags_behind_what_was_written(zoho: Zoho, sandbox: ZohoSandbox, clock: Clock) -> None:
    sandbox.faults = Faults(search_lag_s=30)
    (made,) = await zoho.made("Deals", deal("Plant 4"))
    search, query = "/Deals/search?criteria=(Deal_Name:equals:Plant 4)&fields=Stage", {"select_query": ""}
    query["select_query"] = "select Stage from Deals where Deal_Name = 'plant 4'"
    assert (await zoho.get(search)).status_code == 204
    assert (await zoho.post("/coql", json=query)).json()["data"] == [{"Stage": "Qualification", "id": made}]
    clock.pass_time(seconds=31)
    await zoho.changed("Deals", made, Stage="Closed Won")
    assert (await zoho.get(search)).json()["data"][0]["Stage"] == "Qualification"
    clock.pass_time(seconds=31)
    assert (await zoho.get(search)).json()["data"][0]["Stage"] == "Closed Won"
    await zoho.delete(f"/Deals/{made}")
    clock.pass_time(seconds=31)
    assert (await zoho.get(search)).status_code == 204


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("criteria=(Last_Name:equals:sun)", ["Sun"]),
        ("criteria=(Last_Name:not_equal:Sun)", ["Old"]),
        ("criteria=((Last_Name:starts_with:S)or(Mobile:equals:1))", ["Sun"]),
        ("criteria=((Last_Name:in:Sun,Old)and(Email:contains:acme))", ["Sun"]),
        (r"criteria=(First_Name:equals:Lia \(A\, B\))", ["Sun"]),
        ("criteria=(Account_Name.Account_Name:equals:West)", ["Sun"]),
        ("criteria=(Created_Time:between:2020-01-01T00:00:00Z,2030-01-01T00:00:00Z)", ["Old", "Sun"]),
        ("criteria=(Created_Time:greater_than:2030-01-01T00:00:00Z)", []),
        ("criteria=(Email:equals:${EMPTY})", ["Old"]),
        ("email=LIA@acme.example", ["Sun"]),
        ("phone=555 01", ["Sun"]),
        ("word=li", ["Sun"]),
    ],
)
async def test_search_finds_what_is_asked_for(zoho: Zoho, query: str, names: list[str]) -> None:
    (account,) = await zoho.made("Accounts", {"Account_Name": "West"})
    sun = {"First_Name": "Lia (A, B)", "Email": "lia@acme.example", "Phone": "+55-501-7", "Account_Name": account}
    await zoho.made("Contacts", {"Last_Name": "Sun", **sun}, {"Last_Name": "Old"})
    name, _, value = query.partition("=")
    answer = await zoho.get("/Contacts/search", params={name: value, "fields": "Last_Name"})
    assert answer.status_code == (200 if names else 204), answer.text
    assert [row["Last_Name"] for row in answer.json()["data"]] == names if names else answer.content == b""


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "EXPECTED_PARAM_MISSING"),
        ("word=a", "INVALID_DATA"),
        ("criteria=(Nope:equals:1)", "INVALID_QUERY"),
        ("criteria=(Last_Name:like:1)", "INVALID_QUERY"),
        ("criteria=(Last_Name:equals:1", "INVALID_QUERY"),
        ("criteria=((Last_Name:equals:1)xor(Last_Name:equals:2))", "INVALID_QUERY"),
        ("criteria=(Created_Time:equals:today)", "INVALID_QUERY"),
        ("email=a@b.example&page=11", "LIMIT_REACHED"),
    ],
)
async def test_searches_that_make_no_sense_are_refused(zoho: Zoho, query: str, error: str) -> None:
    assert code(await zoho.get(f"/Contacts/search?{query}")) == (400, error)


async def coql(zoho: Zoho, text: str) -> Any:
    return await zoho.post("/coql", json={"select_query": text})


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("id is not null order by Deal_Name desc", ["C", "B", "A"]),
        ("Deal_Name in ('A', 'C')", ["A", "C"]),
        ("Deal_Name not in ('A', 'C')", ["B"]),
        ("Deal_Name like '%b%'", ["B"]),
        ("((Amount > 1 and Amount <= 3) and Stage = 'Qualification')", ["B", "C"]),
        ("Amount between 1 and 2 order by Amount desc limit 1, 1", ["A"]),
        ("Amount != 2 order by id limit 1 offset 1", ["C"]),
        ("Closing_Date is null and Account_Name.Account_Name = 'West'", ["A"]),
        ("Modified_Time >= '2026-11-02T09:00:00+00:00' order by Modified_Time asc, id asc", ["A", "B", "C"]),
        ("Owner.id = '554023000000101011'", ["A", "B", "C"]),
        ("Deal_Name = 'it''s'", []),
    ],
)
async def test_coql_selects_orders_and_limits(zoho: Zoho, where: str, names: list[str]) -> None:
    (account,) = await zoho.made("Accounts", {"Account_Name": "West"})
    rows = [deal(name, Amount=number) for number, name in enumerate("ABC", 1)]
    await zoho.made("Deals", {**rows[0], "Account_Name": account}, *rows[1:])
    answer = await coql(zoho, f"select Deal_Name from Deals where {where}")
    assert answer.status_code == (200 if names else 204), answer.text
    assert names == ([row["Deal_Name"] for row in answer.json()["data"]] if names else [])


async def test_coql_shows_lookups_as_ids_and_says_whether_there_is_more(zoho: Zoho) -> None:
    (account,) = await zoho.made("Accounts", {"Account_Name": "West"})
    first, _ = await zoho.made("Deals", deal("A", Account_Name=account), deal("B"))
    text = "select Account_Name, Account_Name.Account_Name, Owner from Deals where id is not null limit 0, 1"
    answer = (await coql(zoho, text)).json()
    owner = {"id": "554023000000101011"}
    shown = {"Account_Name": {"id": account}, "Account_Name.Account_Name": "West", "Owner": owner, "id": first}
    assert answer == {"data": [shown], "info": {"count": 1, "more_records": True}}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("update Deals set Stage = 'x'", "SYNTAX_ERROR"),
        ("select Stage where id = 1", "SYNTAX_ERROR"),
        ("select Stage from Deals", "SYNTAX_ERROR"),
        ("select Stage from Deals where Stage = 'a' and Stage = 'b' and Stage = 'c'", "SYNTAX_ERROR"),
        ("select Stage from Deals where Stage ~ 'a'", "SYNTAX_ERROR"),
        ("select Stage from Deals where Stage = 'a' limit x", "SYNTAX_ERROR"),
        ("select Stage from Deals where", "SYNTAX_ERROR"),
        ("select Nope from Deals where id = 1", "INVALID_QUERY"),
        ("select Stage from Deals where Amount = 'much'", "INVALID_QUERY"),
        ("select Stage from Deals where Description = 'long'", "INVALID_QUERY"),
        ("select Stage, Stage from Deals where id = 1", "DUPLICATE_DATA"),
        ("select Stage from Deals where id = 1 limit 0, 2001", "LIMIT_EXCEEDED"),
        ("select Stage from Deals where id = 1 limit 99000, 2000", "LIMIT_EXCEEDED"),
        ("select Stage from Deals where id in (" + ",".join("1" * 51) + ")", "LIMIT_EXCEEDED"),
        ("select " + ",".join(f"F{n}" for n in range(51)) + " from Deals where id = 1", "LIMIT_EXCEEDED"),
        ("select Stage from Nope where id = 1", "INVALID_MODULE"),
    ],
)
async def test_queries_that_make_no_sense_are_refused(zoho: Zoho, text: str, error: str) -> None:
    assert code(await coql(zoho, text)) == (400, error)


@settings(max_examples=40, deadline=None)
@given(name=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30))
async def test_any_text_can_be_asked_for_once_it_is_escaped(name: str) -> None:
    if name == "-None-":
        return
    async with answering(ZohoSandbox()) as zoho:
        made, _ = await zoho.made("Deals", deal(name), deal(name + "x"))
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        answer = await coql(zoho, f"select id from Deals where Deal_Name = '{quoted}'")
        assert [row["id"] for row in answer.json()["data"]] == [made]
        escaped = "".join(f"\\{letter}" if letter in "\\()," else letter for letter in name)
        found = await zoho.get("/Deals/search", params={"criteria": f"(Deal_Name:equals:{escaped})"})
        assert [row["id"] for row in found.json()["data"]] == [made]
