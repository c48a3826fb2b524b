"""Scripts for those who work on rolecall; nothing here is shipped."""
