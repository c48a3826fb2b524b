"""`people`: every hat of each person, when two were worn at once, and names that only claim."""

from pipeline.reports.people.report import PeopleFilter, people_report

__all__ = ["PeopleFilter", "people_report"]
