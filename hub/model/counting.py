"""Numbers in sentences: the one place that knows which form of a word goes with which number."""


def form(number: int | float, one: str, many: str = "") -> str:
    """The form of a word beside *number*: `copy` or `copies`, `is` or `are`; by default *many* is *one* with an s."""
    return one if number == 1 else many or one + "s"


def counted(number: int | float, noun: str, plural: str = "") -> str:
    """*number* and its noun: `1 requirement`, `2 requirements`, `0 copies`, `2.5 minutes`."""
    shown = f"{number:g}" if isinstance(number, float) else str(number)
    return f"{shown} {form(number, noun, plural)}"
