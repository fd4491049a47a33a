"""requirement-hub: client requirements kept one across every tool a delivery team uses."""

__version__ = "0.1.0"
