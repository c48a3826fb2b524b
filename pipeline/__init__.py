"""rolecall: who did what, under which AWS role, with evidence."""

__version__ = "0.1.0"
