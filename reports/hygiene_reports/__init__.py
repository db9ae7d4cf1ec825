"""The formats in which an audit is told: a table for the terminal, JSON for machines, HTML for people."""

from hygiene_reports.html_report import HtmlReport
from hygiene_reports.json_report import JsonReport
from hygiene_reports.table import TableReport

REPORTS = [TableReport, JsonReport, HtmlReport]
