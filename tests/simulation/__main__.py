"""Runs simulated worlds: `python -m tests.simulation --help`."""

import sys

from tests.simulation.running import main

sys.exit(main())
