"""Lenses: two-way mappings between entity and record that never damage what they do not understand. Pure."""

from hub.mapping.audiences import Marked, without_mark
from hub.mapping.choices import Choice
from hub.mapping.criteria import Checklist
from hub.mapping.custom import CustomFields
from hub.mapping.dialects import Dialect, Markdown
from hub.mapping.headings import ACCEPTANCE, BACKGROUND, Heading
from hub.mapping.layout import InDescription
from hub.mapping.lens import Lens, References, Terms, Unmapped, Unsaid
from hub.mapping.mapping import FieldMap
from hub.mapping.numbers import Number, Position
from hub.mapping.people import Account, People
from hub.mapping.roles import Author, Owner
from hub.mapping.scalars import Day, DayOfInstant, Moment, Ref, Same
from hub.mapping.sections import SectionItems, SectionText
from hub.mapping.sets import LabelSet, OfPeople, OnePerson, PeopleSet
from hub.mapping.texts import RichText, Text
from hub.mapping.vocabulary import Vocabulary

__all__ = [
    "ACCEPTANCE",
    "BACKGROUND",
    "Account",
    "Author",
    "Checklist",
    "Choice",
    "CustomFields",
    "Day",
    "DayOfInstant",
    "Dialect",
    "FieldMap",
    "Heading",
    "InDescription",
    "LabelSet",
    "Lens",
    "Markdown",
    "Marked",
    "Moment",
    "Number",
    "OfPeople",
    "OnePerson",
    "Owner",
    "People",
    "PeopleSet",
    "Position",
    "Ref",
    "References",
    "RichText",
    "Same",
    "SectionItems",
    "SectionText",
    "Terms",
    "Text",
    "Unmapped",
    "Unsaid",
    "Vocabulary",
    "without_mark",
]
