"""The editions by name."""

from collections.abc import Mapping

from hub_jira.cloud import Cloud
from hub_jira.datacenter import DataCenter
from hub_jira.edition import Edition

EDITIONS: Mapping[str, Edition] = {each.name: each for each in (Cloud(), DataCenter())}
