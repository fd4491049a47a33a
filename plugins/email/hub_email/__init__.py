"""The e-mail connector."""
