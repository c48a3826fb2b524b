"""One file a report: a catalogued query, asked through the warehouse, made a `Report`."""
