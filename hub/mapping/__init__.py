"""Lenses: two-way mappings between entity and record that never damage what they do not understand. Pure."""

from hub.mapping.choices import Choice
from hub.mapping.lens import Lens, References, Terms, Unmapped
from hub.mapping.mapping import FieldMap
from hub.mapping.people import Account, People
from hub.mapping.scalars import Day, DayOfInstant, Ref, Same
from hub.mapping.sets import LabelSet, OnePerson, PeopleSet
from hub.mapping.texts import Dialect, Markdown, RichText, Text
from hub.mapping.vocabulary import Vocabulary

__all__ = [
    "Account",
    "Choice",
    "Day",
    "DayOfInstant",
    "Dialect",
    "FieldMap",
    "LabelSet",
    "Lens",
    "Markdown",
    "OnePerson",
    "People",
    "PeopleSet",
    "Ref",
    "References",
    "RichText",
    "Same",
    "Terms",
    "Text",
    "Unmapped",
    "Vocabulary",
]
