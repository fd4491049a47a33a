"""What is different on Jira Data Center: its version 2 of the REST API, its people, its way to sign in.

Sources: the Jira 9.12 REST API reference (`/rest/api/2`), "Using Personal Access Tokens" and "Improving instance
stability with rate limiting" of the Data Center documentation. Words of refusals are typical ones, not promises.
"""
