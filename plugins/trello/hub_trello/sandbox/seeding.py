"""What a fresh sandbox holds: the hub's bot, three people, and one board of theirs."""

from datetime import UTC, datetime, timedelta

from hub_trello.sandbox import making
from hub_trello.sandbox.boards import add_board, add_label, add_list
from hub_trello.sandbox.ids import instant
from hub_trello.sandbox.world import Account, Json, World

FOUNDED = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
BOARD = "Acme Delivery"
LISTS = ("Backlog", "Doing", "Review", "Done")
LABELS = (("client", "green"), ("bug", "red"), ("urgent", "orange"), ("", "yellow"))
BOT = ("Requirement Hub", "requirementhub", "Requirement Hub")
PEOPLE = (
    ("Ana Lima", "analima", "Ana's desk"),
    ("Ben Okafor", "benokafor", "Ben's desk"),
    ("李伟", "liwei", "李伟的桌面"),
)


def settle(world: World) -> tuple[Account, list[Account], Json]:
    """Fill the world; the bot's account, the people's, and the board. The same seed gives the same ids at any time."""
    bot = _account(world, *BOT)
    people = [_account(world, *each) for each in PEOPLE]
    return bot, people, _board(world, [*people, bot])


def _account(world: World, full_name: str, username: str, application: str) -> Account:
    ids = world.ids
    member = making.member(ids.new(FOUNDED), full_name, username, email=f"{username}@acme.example")
    world.members[member["id"]] = member
    account = Account(
        member=member,
        key=ids.hex(32),
        # Newer tokens are longer than the 64 hex digits of old ones and start with ATTA (UNVERIFIED).
        token=f"ATTA{ids.hex(64)}{ids.hex(8).upper()}",
        secret=ids.hex(64),
        app=ids.new(FOUNDED),
        identifier=application,
        token_id=ids.new(FOUNDED),
        created=FOUNDED,
    )
    world.accounts[account.token] = account
    world.keys.add(account.key)
    return account


def _board(world: World, accounts: list[Account]) -> Json:
    moments = (FOUNDED + timedelta(minutes=minute) for minute in range(1, 100))
    owner, *others = accounts
    board = add_board(world, BOARD, owner.member["id"], identifier=world.ids.new(next(moments)))
    board["dateLastActivity"] = instant(FOUNDED)
    for account in others:
        board["memberships"].append(making.membership(world.ids.new(next(moments)), account.member["id"]))
    for index, name in enumerate(LISTS):
        add_list(world, board["id"], name, 16384.0 * (index + 1), identifier=world.ids.new(next(moments)))
    for name, color in LABELS:
        add_label(world, board["id"], name, color, identifier=world.ids.new(next(moments)))
    return board
