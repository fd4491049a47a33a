"""First meeting: which records of two systems look like the same thing."""
