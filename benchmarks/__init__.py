"""`make bench`: ingest against a named peer, on the same generated trail, in one run."""
