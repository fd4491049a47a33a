"""What the hub costs, in counts and ratios that can be compared from one day to the next: ``python -m bench``."""
