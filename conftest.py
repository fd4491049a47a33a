"""How the laws are tried: the same examples at every run of CI, new ones at a developer's desk, many with `make hunt`."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.register_profile("hunt", deadline=None, max_examples=1_000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HUB_LAWS") or ("ci" if os.environ.get("CI") else "desk"))
