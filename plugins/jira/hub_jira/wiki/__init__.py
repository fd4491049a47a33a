"""Jira's wiki markup (the text formatting notation of Server and Data Center) and Markdown, each from the other.

Both are read into the same tree of nodes that the ADF lens uses, so that one Markdown means the same to a site in
the cloud and to one that is not. `get` shows a text as Markdown; `put` brings edited Markdown back into the text it
was shown from and keeps everything that was not edited, to the byte.
"""

from hub_jira.wiki.lens import Wiki, get, put

__all__ = ["Wiki", "get", "put"]
